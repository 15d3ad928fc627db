"""The fakes of units and templates behave as the ports demand."""

import pytest

from unit.workflow.fakes import FakeUnitOfWork
from unit.workflow.organisation.port_scenarios import SCENARIOS, Scenario


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
async def test_fake_unit_of_work(scenario: Scenario) -> None:
    uow = FakeUnitOfWork()
    await scenario(lambda: uow)
