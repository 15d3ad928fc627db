"""Three replicas of the workers: some sleep through the loss of their work, others come and go."""

import asyncio
import os
import signal
from itertools import cycle, islice

import pytest

from chaos import groups
from chaos.replicas import Replica, Replicas
from chaos.run import Plan, RunShown, Scene, environment, half_way
from devstack.processes import kill_group
from support.eventually import eventually

PAUSED = ("content-worker", "notification-worker", "workflow-worker", "workflow-temporal")
ASLEEP_SECONDS = 25  # beyond Kafka's session, a relay's lead and the end of a Temporal task
STORM = "content-worker"
CHANGES, CHANGE_SECONDS = 10, 5

pytestmark = [pytest.mark.timeout(1_500), pytest.mark.long]


def beside(scene: Scene) -> Replicas:
    return Replicas(scene.stack, scene.stack.env, environment(scene.plan))


async def test_replicas_that_wake_up_late_do_nothing_twice(seed: int, run_shown: RunShown) -> None:
    """G2: of three replicas each two are stopped in turn by SIGSTOP, in mid-wave, and go on."""

    async def disturb(scene: Scene) -> None:
        replicas = beside(scene)
        started = {name: [await replicas.start(name) for _ in range(2)] for name in PAUSED}
        await half_way(scene.observer)
        own = {name: scene.stack.state.processes[name].pid or 0 for name in PAUSED}
        for asleep in (
            [own[name] for name in PAUSED],
            [replica.process.pid for pair in started.values() for replica in pair],
        ):
            scene.moves.note("SIGSTOP", processes=len(asleep), seconds=ASLEEP_SECONDS)
            for pid in asleep:
                os.kill(pid, signal.SIGSTOP)
            await asyncio.sleep(ASLEEP_SECONDS)
            for pid in asleep:
                os.kill(pid, signal.SIGCONT)
            scene.moves.note("SIGCONT", processes=len(asleep))
            await asyncio.sleep(5)
        for pair in started.values():
            for replica in pair:
                await replicas.end(replica)

    plan = Plan(seed, 12, [], rounds_open=30, lasts=2 * ASLEEP_SECONDS, quiesce=90)
    verdict = await run_shown(plan, disturb)
    assert not verdict.wrong, verdict.report()


async def storm(scene: Scene) -> None:
    """A replica comes or goes every five seconds; some are killed."""
    replicas, live = beside(scene), list[Replica]()
    for change in islice(cycle(("start", "start", "end", "start", "kill -9", "end")), CHANGES):
        scene.moves.note(f"{change} a replica", of=STORM)
        if change == "start":
            live.append(await replicas.start(STORM))
        elif change == "end":
            await replicas.end(live.pop(0))
        else:
            kill_group(live.pop(0).process.pid)
        await asyncio.sleep(CHANGE_SECONDS)
    for replica in live:
        await replicas.end(replica)
    bootstrap, wanted = scene.stack.env["KAFKA_BOOTSTRAP_SERVERS"], groups.of_service("content")

    async def only_one() -> bool:
        return set((await groups.members(bootstrap, wanted)).values()) == {1}

    await eventually(only_one, within=30)


async def test_a_storm_of_rebalances_loses_nothing(seed: int, run_shown: RunShown) -> None:
    """G11"""
    plan = Plan(seed, 8, [], story=False, trickle_per_second=15)
    verdict = await run_shown(plan, storm)
    assert not verdict.wrong, verdict.report()


async def test_red_in_a_storm_when_the_offset_is_committed_first(
    seed: int, run_shown: RunShown
) -> None:
    plan = Plan(*(seed, 8, []), story=False, trickle_per_second=15, quiesce=25, defect="ack-first")
    verdict = await run_shown(plan, storm)
    assert any(d.lost for name, d in verdict.wrong.items() if name.startswith("taken by"))
