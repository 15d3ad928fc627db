"""The fakes behave as the ports require."""

import pytest

from unit.content.fakes import FakeUnitOfWork
from unit.content.port_scenarios import SCENARIOS, Scenario


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
async def test_fake_unit_of_work(scenario: Scenario) -> None:
    uow = FakeUnitOfWork()
    await scenario(lambda: uow)
