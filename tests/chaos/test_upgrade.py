"""G36: from the release before to this one and back, under load, and nobody notices.

Migrations run while the code before works; then both work side by side, on the new schema.
"""

import pytest

import devstack
from chaos.run import Plan
from chaos.upgrading import upgrade

MOST_LOCKED_SECONDS = 0.5

pytestmark = [pytest.mark.timeout(1_800), pytest.mark.long]


async def test_an_upgrade_and_the_way_back_are_invisible(seed, capfd):
    with capfd.disabled():
        seen = await upgrade(
            Plan(seed, 12, [], rounds_open=60), devstack.CHECKOUT / ".stack" / "chaos" / "upgrade"
        )
    assert not seen.failed, seen.report()
    assert seen.waits.longest <= MOST_LOCKED_SECONDS, seen.report()
    assert seen.verdict.attempts["unknown"] == 0
    assert not seen.verdict.wrong, seen.report()
