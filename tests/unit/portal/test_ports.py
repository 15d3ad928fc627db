"""The fake store of sessions does what PostgreSQL does."""

import pytest

from unit.portal.fakes import FakeSessions
from unit.portal.port_scenarios import SCENARIOS, Scenario


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
async def test_the_fake(scenario: Scenario) -> None:
    await scenario(FakeSessions())
