"""The store fails or stays away while an action waits for it: the action is answered, the rollout's
controls are free again, and the same key asks again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from temporalio import activity
from temporalio.api.enums.v1 import EventType
from temporalio.exceptions import ApplicationError

from integration.workflow.programme import PAYLOAD_KEY, Programme
from support.eventually import eventually
from workflow_service.application.rollout.commands import Advanced, PerformAction
from workflow_service.temporal.activities import Activities
from workflow_service.temporal.engine import connect
from workflow_service.temporal.worker import create_worker


@asynccontextmanager
async def working(programme: Programme, activities: type[Activities]) -> AsyncIterator[None]:
    """The Temporal role with other activities than its own."""
    temporal = programme.settings.temporal
    client = await connect(temporal.address, temporal.namespace, PAYLOAD_KEY, lazy=False)
    made = activities(programme.app.uow, programme.peers, programme.app.engine)
    async with create_worker(client, temporal.task_queue, made):
        yield


class Broken(Activities):
    """A pause fails for a reason that no waiting mends."""

    @activity.defn(name="perform_action")
    async def perform(self, command: PerformAction) -> Advanced:
        if command.request.command.action == "pause":
            raise ValueError("planted")
        return await super().perform(command)


async def test_a_lasting_failure_is_answered_and_frees_the_controls(programme: Programme) -> None:
    async with working(programme, Broken):
        failed = await programme.ask("pause", key="k", reason="x")
        assert (failed.status_code, failed.json()["code"]) == (500, "internal-error")
        async with asyncio.timeout(5):
            assert (await programme.act("start_pilot"))["version"] == 2
    async with programme.worker():
        again = await programme.ask("pause", key="k", reason="x")
    assert (again.status_code, again.json()["status"]) == (200, "paused")


class Away(Activities):
    """The store is away for longer than the action may wait: the next attempt would be too late."""

    @activity.defn(name="perform_action")
    async def perform(self, command: PerformAction) -> Advanced:
        later = timedelta(minutes=3)
        raise ApplicationError("planted", type="ConnectionError", next_retry_delay=later)


async def test_after_an_outage_the_same_key_asks_again(programme: Programme) -> None:
    async with working(programme, Away):
        for _ in range(2):
            lost = await programme.ask("start_pilot", key="k")
            assert (lost.status_code, lost.json()["code"]) == (503, "engine-unavailable")
    async with programme.worker():
        again = await programme.ask("start_pilot", key="k")
    assert (again.status_code, again.json()["version"]) == (200, 2)


async def events(programme: Programme) -> list[str]:
    """The rollout workflow's history."""
    (handle,) = await programme.handles()
    history = await handle.fetch_history()
    return [EventType.Name(e.event_type).removeprefix("EVENT_TYPE_") for e in history.events]


async def asleep(programme: Programme) -> list[str]:
    """The history, once the workflow has done all it had to do."""

    async def sleeps() -> list[str]:
        recorded = await events(programme)
        assert recorded[-1] == "TIMER_STARTED"
        return recorded

    return await eventually(sleeps)


async def test_two_attempts_in_flight_have_one_effect(programme: Programme) -> None:
    impatient = programme.another(deadline_seconds=1)
    answer = await impatient.ask("pause", key="k", reason="x")
    await impatient.close()
    assert answer.status_code == 503  # Nobody decided, but the attempt waits in Temporal.

    async with programme.worker():
        again = await programme.ask("pause", key="k", reason="x")
    assert (again.status_code, again.json()["version"]) == (200, 2)
    recorded = await events(programme)
    assert recorded.count("WORKFLOW_EXECUTION_UPDATE_ACCEPTED") == 2


async def test_a_refused_update_writes_no_history(programme: Programme) -> None:
    async with programme.worker():
        await programme.act("pause", reason="x")  # From here on the workflow knows the state.
        before = await asleep(programme)
        refused = await programme.ask("start_pilot")
        after = await events(programme)
    assert (refused.status_code, refused.json()["code"]) == (409, "rollout-paused")
    assert after == before
