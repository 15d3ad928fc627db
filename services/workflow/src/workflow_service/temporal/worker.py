"""The process part that runs workflows and activities."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion
from temporalio.worker import Worker, WorkerDeploymentConfig

from servicekit.telemetry import version_of
from workflow_service.temporal.activities import Activities
from workflow_service.temporal.failures import ActivityFailures
from workflow_service.temporal.heartbeats import Heartbeats
from workflow_service.temporal.rollout import RolloutWorkflow
from workflow_service.temporal.wave import WaveWorkflow

log = logging.getLogger(__name__)

_CONNECT_SECONDS = 30
_RETRY_SECONDS = 0.5
_ACTIVITIES_AT_ONCE = 6
_READS_AT_ONCE = 3
_STOP = timedelta(seconds=10)
# After a kill, a workflow's next task waits this long for the process that had it in memory (the
# SDK's default: 10 s); then any other takes it and replays the history.
_STICKY = timedelta(seconds=3)


class TemporalWorker:
    """A component: polls one task queue until stopped.

    `connect` makes a client that is connected. Not more activities run at once than the database
    pool can serve.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[Client]],
        task_queue: str,
        activities: Activities,
    ) -> None:
        self._connect, self._task_queue, self._activities = connect, task_queue, activities

    async def run(self, stop: asyncio.Event) -> None:
        """Raises RuntimeError if Temporal is not there within half a minute."""
        client = await self._reach_temporal(stop)
        if client is None:
            return
        async with create_worker(client, self._task_queue, self._activities):
            await stop.wait()

    async def _reach_temporal(self, stop: asyncio.Event) -> Client | None:
        deadline = asyncio.get_running_loop().time() + _CONNECT_SECONDS
        while not stop.is_set():
            try:
                return await self._connect()
            except RuntimeError as error:
                if asyncio.get_running_loop().time() > deadline:
                    raise
                log.info("Temporal does not answer yet: %s", error)
                await asyncio.sleep(_RETRY_SECONDS)
        return None


def create_worker(client: Client, task_queue: str, activities: Activities) -> Worker:
    """A worker for both workflows and all activities."""
    return Worker(
        client,
        task_queue=task_queue,
        workflows=[RolloutWorkflow, WaveWorkflow],
        activities=[
            activities.advance,
            activities.perform,
            activities.nudge,
            activities.read_wave,
            activities.record_moves,
            activities.open_rounds,
            activities.assign_modules,
        ],
        interceptors=[ActivityFailures(), Heartbeats()],
        sticky_queue_schedule_to_start_timeout=_STICKY,
        max_concurrent_activities=_ACTIVITIES_AT_ONCE,
        max_concurrent_local_activities=_READS_AT_ONCE,
        graceful_shutdown_timeout=_STOP,
        deployment_config=WorkerDeploymentConfig(
            version=WorkerDeploymentVersion("workflow", version_of("workflow-service")),
            use_worker_versioning=False,  # ADR 37: it only shows which release did a task
        ),
    )
