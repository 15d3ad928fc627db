"""G1: any one process may die at any time. 0 lost, 0 double effects, every journey at its end.

The same checker is seen red for three seeded defects, by the same load and the same kills of the
processes that the defect concerns.
"""

import pytest

from chaos.comparisons import EMPTY
from chaos.kills import SERVERS, SERVICES
from chaos.run import Plan

WORKERS = [name for name in SERVICES if name.endswith("-worker")]
APIS = [name for name in SERVICES if name.endswith("-api")]

pytestmark = pytest.mark.timeout(1_500)


async def test_every_process_is_killed_once_and_nothing_is_lost(seed, short, run_shown):
    units, longest_pause = (12, 5) if short else (40, 12)
    plan = Plan(seed, units, [[*SERVERS, *SERVICES]], longest_pause=longest_pause)
    verdict = await run_shown(plan)
    assert not verdict.wrong, verdict.report()
    assert {kill.process for kill in verdict.kills} == {*SERVERS, *SERVICES}
    vacuous = {name for name, d in verdict.differences.items() if not d.expected}
    assert vacuous == EMPTY


def seeded(seed: int, defect: str, victims: list[str]) -> Plan:
    """No story: the defect shows in the trickle."""
    return Plan(
        seed, 8, [victims] * 3, story=False, defect=defect, trickle_per_second=8, quiesce=25
    )


@pytest.mark.long
async def test_red_when_the_offset_is_committed_first(seed, run_shown):
    verdict = await run_shown(seeded(seed, "ack-first", WORKERS))
    assert any(d.lost for name, d in verdict.wrong.items() if name.startswith("taken by"))


@pytest.mark.long
async def test_red_when_events_are_published_before_the_commit(seed, run_shown):
    verdict = await run_shown(seeded(seed, "publish-before-commit", APIS))
    assert verdict.wrong["published"].unexpected


@pytest.mark.long
async def test_red_when_the_inbox_row_is_committed_by_itself(seed, run_shown):
    verdict = await run_shown(seeded(seed, "inbox-outside", WORKERS))
    assert any(d.lost for name, d in verdict.wrong.items() if name.startswith("units in"))
    assert not any(d.lost for name, d in verdict.wrong.items() if name.startswith("taken by"))
