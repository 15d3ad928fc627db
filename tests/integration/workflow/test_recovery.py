"""Workflows may be lost, processes may die: what is stored brings them back, once."""

import asyncio

from temporalio.client import WorkflowExecutionStatus

from integration.workflow.programme import OTHERS, PILOTS, Handle, Programme
from servicekit.telemetry import version_of
from support.eventually import eventually
from workflow_service.domain.journey.evidence import ActionChosen, MeetingHeld


async def running(handle: Handle) -> bool:
    return (await handle.describe()).status == WorkflowExecutionStatus.RUNNING


async def test_lost_workflows_are_started_again_where_they_were(programme: Programme) -> None:
    async with programme.worker():
        await programme.act("start_pilot")
        await programme.reach(PILOTS, "baseline")
        for handle in await programme.handles(0):
            await handle.terminate("lost")
        await programme.release(PILOTS, "baseline")
        _, wave = await programme.handles(0)
        await wave.terminate("lost again")

        assert await programme.app.restart_workflows() == (1, 1)
        await programme.reach(PILOTS, "modules")
        for handle in await programme.handles(0):
            assert await running(handle)
    assert [command.unit_ids for command in programme.peers.rounds] == [PILOTS]


async def test_an_action_brings_its_lost_workflow_back(programme: Programme) -> None:
    async with programme.worker():
        (handle,) = await programme.handles()
        await handle.terminate("lost")
        started = await programme.act("start_pilot")
        assert started["phase"] == "pilot"
        await programme.reach(PILOTS, "baseline")


async def test_workflows_end_with_their_rollout(programme: Programme) -> None:
    async with programme.worker():
        await programme.act("start_pilot")
        await programme.reach(PILOTS, "baseline")
        await programme.act("stop", reason="x")

        async def over() -> bool:
            return not any([await running(handle) for handle in await programme.handles(0)])

        await eventually(over)
        assert await programme.app.restart_workflows() == (0, 0)


async def test_workers_come_and_go_in_mid_wave(programme: Programme) -> None:
    programme.peers.away = True
    async with programme.worker():
        await programme.act("start_pilot")
    await programme.report(PILOTS, MeetingHeld())
    programme.peers.away = False
    async with programme.worker():
        await programme.reach(PILOTS, "baseline")
    await programme.release(PILOTS, "baseline")
    async with programme.worker():
        await programme.reach(PILOTS, "modules")
        await programme.report(PILOTS, ActionChosen())
    async with programme.worker():
        await programme.reach(PILOTS, "follow_up")
    asked = [(command.occasion, command.unit_ids) for command in programme.peers.rounds]
    assert asked == [("baseline", PILOTS), ("follow_up", PILOTS)]


async def test_nothing_is_readable_in_temporal(programme: Programme) -> None:
    async with programme.worker():
        await programme.act("start_pilot")
        await programme.reach(PILOTS, "baseline")
        await programme.act("pause_unit", unit_id="pilot-a", reason="canary-reason")
        programme.peers.refusing = "module-unknown"
        await programme.release(PILOTS, "baseline")
        await programme.reach(["pilot-b"], "modules")
        histories = [await handle.fetch_history() for handle in await programme.handles(0)]

    dump = b"".join(e.SerializeToString() for history in histories for e in history.events)
    canaries = (b"canary", b"pilot-a", b"Sample", b"manager-0001", b"seven", b"No.")
    assert len(dump) > 5_000
    assert [canary for canary in canaries if canary in dump] == []


async def test_a_pause_that_was_acknowledged_holds(programme: Programme) -> None:
    async with programme.worker():
        await programme.act("start_pilot")
        await programme.reach(PILOTS, "baseline")
        pausing, _ = await asyncio.gather(
            programme.act("pause", reason="x"), programme.release(PILOTS, "baseline")
        )
        steps = {unit: j["step"] for unit, j in (await programme.journeys()).items()}
        await programme.report(PILOTS, MeetingHeld())
        await programme.act("stop", reason="x")
        assert {unit: j["step"] for unit, j in (await programme.journeys()).items()} == steps
        assert pausing["status"] == "paused"
    assert {steps[unit] for unit in OTHERS} == {"preparation"}


async def test_a_history_says_which_release_did_each_task(programme: Programme) -> None:
    async with programme.worker():
        await programme.act("start_pilot")
        (handle, *_) = await programme.handles(0)
        done = [
            event.workflow_task_completed_event_attributes
            async for event in handle.fetch_history_events()
            if event.HasField("workflow_task_completed_event_attributes")
        ]
    releases = {task.worker_version.build_id for task in done}
    assert releases == {version_of("workflow-service")} != {""}
