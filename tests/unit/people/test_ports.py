"""The fake unit of work does what PostgreSQL does."""

import pytest

from unit.people.fakes import FakeUnitOfWork, Store
from unit.people.port_scenarios import SCENARIOS, Scenario


@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_the_fake(scenario: Scenario) -> None:
    store = Store()
    await scenario(lambda: FakeUnitOfWork(store))
