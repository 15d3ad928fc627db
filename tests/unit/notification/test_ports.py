"""The fakes behave as the ports require."""

import pytest

from unit.notification.fake_store import Store
from unit.notification.fakes import FakeUnitOfWork
from unit.notification.port_scenarios import SCENARIOS, Scenario


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
async def test_fake_unit_of_work(scenario: Scenario) -> None:
    store = Store()
    await scenario(lambda: FakeUnitOfWork(store))
