"""The fake unit of work does with one-time codes what PostgreSQL does."""

import pytest

from unit.people.code_port_scenarios import SCENARIOS, Scenario
from unit.people.fake_codes import CodeStore, FakeCodesUnitOfWork


@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_the_fake(scenario: Scenario) -> None:
    store = CodeStore()
    await scenario(lambda: FakeCodesUnitOfWork(store))
