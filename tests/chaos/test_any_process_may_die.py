"""G1: any one process may die at any time. 0 lost, 0 double effects, every journey at its end.

The same checker is seen red for three seeded defects, by the same load and the same kills of the
processes that the defect concerns.
"""

from pathlib import Path

import pytest

import devstack
from chaos.kills import SERVERS, SERVICES
from chaos.run import Plan, Verdict, run

WORKERS = [name for name in SERVICES if name.endswith("-worker")]
APIS = [name for name in SERVICES if name.endswith("-api")]

pytestmark = pytest.mark.timeout(1_500)


@pytest.fixture
def directory(request: pytest.FixtureRequest) -> Path:
    """Below .stack, so that what a red run leaves can be looked at."""
    path = devstack.CHECKOUT / ".stack" / "chaos" / request.node.name.replace("[", "-").rstrip("]")
    path.mkdir(parents=True, exist_ok=True)
    return path


async def test_every_process_is_killed_once_and_nothing_is_lost(seed, short, directory):
    units = 12 if short else 40
    verdict = await run(Plan(seed, units, [[*SERVERS, *SERVICES]]), directory)
    assert not verdict.wrong, verdict.report()
    assert {kill.process for kill in verdict.kills} == {*SERVERS, *SERVICES}
    vacuous = {name for name, d in verdict.differences.items() if not d.expected}
    assert vacuous == {"waiting in the outboxes", "unsent messages", "dead letters"}


async def seeded(defect: str, kills: list[list[str]], seed: int, directory: Path) -> Verdict:
    plan = Plan(seed, 8, kills, story=False, defect=defect, trickle_per_second=8)
    return await run(plan, directory)


@pytest.mark.seeded
async def test_red_when_the_offset_is_committed_first(seed, directory):
    verdict = await seeded("ack-first", [WORKERS] * 4, seed, directory)
    assert any(d.lost for name, d in verdict.wrong.items() if name.startswith("taken by"))


@pytest.mark.seeded
async def test_red_when_events_are_published_before_the_commit(seed, directory):
    verdict = await seeded("publish-before-commit", [APIS] * 4, seed, directory)
    assert verdict.wrong["published"].unexpected


@pytest.mark.seeded
async def test_red_when_the_inbox_row_is_committed_by_itself(seed, directory):
    verdict = await seeded("inbox-outside", [WORKERS] * 4, seed, directory)
    assert any(d.lost for name, d in verdict.wrong.items() if name.startswith("units in"))
    assert not any(d.lost for name, d in verdict.wrong.items() if name.startswith("taken by"))
