"""G37: each replica of each process is ended under load, and a client with one retry sees nothing.

Nothing is lost, a request under way is answered, and a worker leaves its groups in time.
"""

import pytest

import devstack
from chaos.kills import SERVICES
from chaos.rolling import Rolled, roll
from chaos.run import Plan

DRAIN_SECONDS = 20
BATCH = 500  # records; see servicekit.consumer

pytestmark = [pytest.mark.timeout(1_200), pytest.mark.long]


async def rolled(plan: Plan, capfd: pytest.CaptureFixture[str], *processes: str) -> Rolled:
    with capfd.disabled():
        return await roll(plan, devstack.CHECKOUT / ".stack" / "chaos" / "rolling", processes)


async def test_a_rolling_restart_is_invisible(seed, capfd):
    seen = await rolled(Plan(seed, 12, []), capfd, *SERVICES)
    assert not seen.failed, seen.report()
    assert not seen.verdict.wrong, seen.report()
    assert seen.verdict.attempts["unknown"] == 0
    assert [end.process for end in seen.ends] == [name for name in SERVICES for _ in (1, 2)]
    for end in seen.ends:
        assert end.seconds <= DRAIN_SECONDS, end
        assert not end.left, end
        assert end.again <= BATCH, end
        assert end.answered is None or 400 <= end.answered < 500, end


async def test_red_when_a_process_closes_its_sockets_before_it_drains(seed, capfd):
    plan = Plan(seed, 8, [], story=False, defect="closes-first")
    seen = await rolled(plan, capfd, "workflow-api")
    assert {end.answered for end in seen.ends} == {0}
