"""Kafka, PostgreSQL and Temporal away for long, half open, and again and again (G3, G5, G10).

`make chaos ARGS="-k outage --outage-seconds 3600"` takes a server away for an hour; it is frozen,
while clients wait with open connections, for ten minutes at most.
"""

import asyncio
import signal
from itertools import islice

import pytest

from chaos.faults import frozen, stopped
from chaos.one_try import Asked, OneTry
from chaos.replicas import APIS
from chaos.run import Plan, RunShown, Scene, Verdict, half_way
from chaos.watching import published, readiness
from support.eventually import eventually

WORKERS = ("assessment-worker", "content-worker", "workflow-worker")
BLIPS = 8
RESUMES_SECONDS = 30
RECONNECTS_SECONDS = 10
FROZEN_SECONDS = 600

pytestmark = [pytest.mark.timeout(1_500), pytest.mark.long]


async def without_kafka(plan: Plan, run_shown: RunShown) -> tuple[Verdict, list[Asked], set[str]]:
    """What became of it, each answer, and each answer about readiness."""
    asked, ready = list[Asked](), set[str]()
    lasts = plan.lasts / 6

    async def disturb(scene: Scene) -> None:
        async with readiness(scene.stack, APIS.values()) as seen:
            for how, seconds in ((stopped, lasts), (frozen, min(lasts, FROZEN_SECONDS))):
                scene.moves.note(how.__name__, process="kafka", seconds=seconds)
                async with how("kafka")(scene.stack):
                    await asyncio.sleep(seconds)
                within = max(2 * seconds, RESUMES_SECONDS)
                scene.moves.note("published", seconds=await published(scene.stack, within))
            await scene.killer.each_once(["kafka"])
        ready.update(seen)
        assert isinstance(scene.api, OneTry)
        asked.extend(scene.api.asked)

    return await run_shown(plan, disturb, OneTry), asked, ready


async def test_an_outage_of_kafka_is_not_noticed(
    seed: int, outage_seconds: float, run_shown: RunShown
) -> None:
    """G3: no write fails, every API stays ready, and the backlog goes in twice the time at most."""
    plan = Plan(seed, 8, [], story=False, trickle_per_second=8, lasts=6 * outage_seconds)
    verdict, asked, ready = await without_kafka(plan, run_shown)
    assert not verdict.wrong, verdict.report()
    assert asked
    assert not [one for one in asked if one.failed]
    assert ready == {f"{name} 200" for name in APIS.values()}


async def test_red_when_a_request_publishes_its_events(seed: int, run_shown: RunShown) -> None:
    plan = Plan(
        *(seed, 8, []), story=False, lasts=6 * 45, defect="publish-before-commit", quiesce=25
    )
    _, asked, _ = await without_kafka(plan, run_shown)
    assert any(one.failed for one in asked)


async def test_an_outage_of_postgresql_is_answered_clearly(
    seed: int, outage_seconds: float, run_shown: RunShown
) -> None:
    """G5: it is stopped, killed and told to end at once; all that was accepted is there."""

    async def disturb(scene: Scene) -> None:
        assert isinstance(scene.api, OneTry)
        api = scene.api
        await asyncio.sleep(3)
        scene.moves.note("stopped", process="postgres", seconds=outage_seconds)
        async with stopped("postgres")(scene.stack):
            await asyncio.sleep(outage_seconds)
        for pause in islice(scene.moves.pauses(1, 5), 10):
            await eventually(
                lambda: asyncio.sleep(0, bool(api.asked) and not api.asked[-1].failed),
                within=RECONNECTS_SECONDS,
            )
            await asyncio.sleep(pause)
            scene.moves.note("pg_ctl stop -m immediate", pause=pause)
            scene.stack.kill("postgres", signal.SIGQUIT)
            await scene.stack.wait_ready("postgres")
            await scene.killer.each_once(["postgres"])
        wrong = {(one.status, one.code) for one in api.failed} - {(503, "unavailable"), (0, "")}
        assert not wrong, wrong
        # A request without an answer was under way: it is not one that nobody would ever answer.
        assert max(one.seconds for one in api.asked) < 30

    plan = Plan(seed, 8, [], story=False, trickle_per_second=8, lasts=outage_seconds)
    verdict = await run_shown(plan, disturb, OneTry)
    assert not verdict.wrong, verdict.report()


async def test_an_outage_of_temporal_in_mid_wave_costs_time_only(
    seed: int, outage_seconds: float, run_shown: RunShown
) -> None:
    async def disturb(scene: Scene) -> None:
        await half_way(scene.observer)
        await scene.killer.each_once(["temporal"])
        for how, seconds in (
            (frozen, min(outage_seconds, FROZEN_SECONDS)),
            (stopped, outage_seconds),
        ):
            scene.moves.note(how.__name__, process="temporal", seconds=seconds)
            async with how("temporal")(scene.stack):
                await asyncio.sleep(seconds)
            await asyncio.sleep(2)
        await scene.killer.each_once(["temporal", "workflow-temporal"])

    plan = Plan(seed, 12, [], rounds_open=30, lasts=2 * outage_seconds, quiesce=90)
    verdict = await run_shown(plan, disturb)
    assert not verdict.wrong, verdict.report()


async def blips(scene: Scene) -> None:
    """Kafka is away again and again. Raises AssertionError if relays do not go on by themselves."""
    before = {name: scene.stack.state.processes[name].pid for name in WORKERS}
    for number, seconds in enumerate(islice(scene.moves.pauses(1, 12), BLIPS)):
        how = stopped if number % 2 else frozen
        scene.moves.note(how.__name__, process="kafka", seconds=seconds)
        async with how("kafka")(scene.stack):
            await asyncio.sleep(seconds)
        scene.moves.note("published", seconds=await published(scene.stack, RESUMES_SECONDS))
    after = {name: scene.stack.state.processes[name].pid for name in WORKERS}
    assert after == before, "a worker was restarted"


async def test_many_short_outages_of_kafka_restart_no_relay(seed: int, run_shown: RunShown) -> None:
    """G10: it is frozen or stopped; within 30 s of each end the same process has published all."""
    verdict = await run_shown(Plan(seed, 8, [], story=False, trickle_per_second=8), blips)
    assert not verdict.wrong, verdict.report()


async def test_red_when_a_relay_keeps_its_first_producer(seed: int, run_shown: RunShown) -> None:
    plan = Plan(seed, 8, [], story=False, trickle_per_second=8, defect="never-rebuilt")
    with pytest.raises(ExceptionGroup) as raised:
        await run_shown(plan, blips)
    assert raised.group_contains(AssertionError, match="events wait")
