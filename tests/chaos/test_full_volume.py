"""G12: PostgreSQL's volume is full. Each write is refused clearly, and what was accepted is there.

More space is all that it takes to go on.
"""

import asyncio
from collections.abc import Iterator

import pytest

from chaos.one_try import Asked, OneTry
from chaos.run import Plan, RunShown, Scene, Verdict
from chaos.volume import Volume, of_postgresql, write_much
from devstack import Stack
from devstack.service_env import PROCESSES
from support.eventually import eventually

RECOVERED_SECONDS = 120

pytestmark = [pytest.mark.timeout(1_500), pytest.mark.long]


@pytest.fixture
def volumes() -> Iterator[list[Volume]]:
    """Those that a test has made, for as long as it lasts."""
    made = list[Volume]()
    yield made
    for volume in made:
        volume.release()


async def filled(
    part: str, plan: Plan, volumes: list[Volume], run_shown: RunShown
) -> tuple[Verdict, list[Asked]]:
    """What became of it, and what was answered meanwhile."""
    asked = list[Asked]()

    async def prepare(stack: Stack) -> None:
        await stack.stop("postgres")
        volumes.append(of_postgresql(stack, part))
        await stack.start("postgres")
        for name in PROCESSES:
            await stack.wait_ready(name)

    async def disturb(scene: Scene) -> None:
        assert isinstance(scene.api, OneTry)
        answers = scene.api.asked
        await asyncio.sleep(5)
        begun = len(answers)
        scene.moves.note("fill the volume", of=part)
        volumes[0].fill()
        await write_much(scene.stack)
        await asyncio.sleep(plan.lasts)
        asked.extend(answers[begun:])
        scene.moves.note("extend the volume", of=part)
        volumes[0].extend()
        await scene.stack.wait_ready("postgres", timeout=RECOVERED_SECONDS)
        await eventually(lambda: asyncio.sleep(0, not answers[-1].failed), within=30)
        await asyncio.sleep(5)

    return await run_shown(plan, disturb, OneTry, prepare), asked


@pytest.mark.parametrize("part", ["base", "pg_wal"])
async def test_a_full_volume_is_loud_and_loses_nothing(
    part: str, seed: int, outage_seconds: float, volumes: list[Volume], run_shown: RunShown
) -> None:
    """`base` holds the tables: a statement fails. Without space for its log PostgreSQL ends."""
    plan = Plan(seed, 8, [], story=False, trickle_per_second=8, lasts=outage_seconds)
    verdict, asked = await filled(part, plan, volumes, run_shown)
    assert not verdict.wrong, verdict.report()
    failed = [one for one in asked if one.failed]
    assert len(failed) > 10, "the volume was not full"
    assert {(one.status, one.code) for one in failed} == {(503, "unavailable")}, failed


async def test_red_when_an_event_that_cannot_be_recorded_is_only_logged(
    seed: int, outage_seconds: float, volumes: list[Volume], run_shown: RunShown
) -> None:
    """What was accepted is not there."""
    plan = Plan(
        *(seed, 8, []),
        story=False,
        trickle_per_second=8,
        lasts=outage_seconds,
        quiesce=25,
        defect="swallows",
    )
    verdict, _ = await filled("base", plan, volumes, run_shown)
    assert any(d.lost for name, d in verdict.wrong.items() if name.startswith("asked:"))
