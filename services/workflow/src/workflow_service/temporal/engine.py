"""The way to the workflows: start, nudge, perform. Nothing connects before it is needed, and every
call has a deadline, so that Temporal being away is an answer and not a hang."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar
from uuid import UUID, uuid4

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError
from temporalio.runtime import Runtime
from temporalio.service import RPCError, RPCStatusCode, TLSConfig

from workflow_service.application.ports import ActionRequest, EngineUnavailable
from workflow_service.domain.errors import DomainError, Kind
from workflow_service.temporal.activity_stubs import RolloutInput, WaveInput
from workflow_service.temporal.failures import FAILED
from workflow_service.temporal.payload_codec import data_converter
from workflow_service.temporal.rollout import RolloutWorkflow
from workflow_service.temporal.tracing import TracePropagation
from workflow_service.temporal.wave import WaveWorkflow

log = logging.getLogger(__name__)

_RPC_DEADLINE = timedelta(seconds=5)
# A workflow task whose process was killed is tried again after this (Temporal's default: 10 s).
_TASK_TIMEOUT = timedelta(seconds=5)
# What we say is wrong, and would be wrong again; all else is mended at the server or on the way.
_OUR_FAULT = (
    RPCStatusCode.INVALID_ARGUMENT,
    RPCStatusCode.OUT_OF_RANGE,
    RPCStatusCode.UNIMPLEMENTED,
)
_KINDS: tuple[Kind, ...] = ("not_found", "conflict", "forbidden", "invalid", "gone")
T = TypeVar("T")


async def connect(
    address: str,
    namespace: str,
    *payload_keys: str,
    lazy: bool,
    tls: TLSConfig | None = None,
    api_key: str | None = None,
    runtime: Runtime | None = None,
) -> Client:
    """A client that encrypts what it sends, by the first of the keys, and carries traces.

    Raises RuntimeError if not lazy and no server that it trusts answers.
    """
    return await Client.connect(
        address,
        namespace=namespace,
        data_converter=data_converter(*payload_keys),
        interceptors=[TracePropagation()],
        tls=tls or False,
        api_key=api_key,
        lazy=lazy,
        runtime=runtime,
    )


class TemporalEngine:
    """The port `Engine`, and the administrators' way to a rollout."""

    def __init__(
        self,
        client: Callable[[], Awaitable[Client]],
        task_queue: str,
        sweep_seconds: float,
        deadline_seconds: float,
    ) -> None:
        self._connect, self._task_queue, self._sweep = client, task_queue, sweep_seconds
        self._deadline = deadline_seconds

    async def start_rollout(self, rollout_id: UUID) -> None:
        """Raises EngineUnavailable."""
        await self._start_rollout(rollout_id, nudge=False)

    async def nudge_rollout(self, rollout_id: UUID) -> None:
        """Raises EngineUnavailable."""
        await self._start_rollout(rollout_id, nudge=True)

    async def _start_rollout(self, rollout_id: UUID, *, nudge: bool) -> None:
        async def start(client: Client) -> None:
            await client.start_workflow(
                RolloutWorkflow.run,
                RolloutInput(rollout_id, self._sweep),
                id=f"rollout:{rollout_id}",
                task_queue=self._task_queue,
                task_timeout=_TASK_TIMEOUT,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                start_signal="wave_changed" if nudge else None,
                rpc_timeout=_RPC_DEADLINE,
            )

        await self._call(start)

    async def start_wave(self, rollout_id: UUID, wave: int) -> None:
        """Raises EngineUnavailable."""
        await self._start_wave(rollout_id, wave, nudge=False)

    async def nudge_wave(self, rollout_id: UUID, wave: int) -> None:
        """Raises EngineUnavailable."""
        await self._start_wave(rollout_id, wave, nudge=True)

    async def _start_wave(self, rollout_id: UUID, wave: int, *, nudge: bool) -> None:
        async def start(client: Client) -> None:
            await client.start_workflow(
                WaveWorkflow.run,
                WaveInput(rollout_id, wave, self._sweep),
                id=f"wave:{rollout_id}:{wave}",
                task_queue=self._task_queue,
                task_timeout=_TASK_TIMEOUT,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                start_signal="look_again" if nudge else None,
                rpc_timeout=_RPC_DEADLINE,
            )

        await self._call(start)

    async def perform(self, rollout_id: UUID, request: ActionRequest) -> int:
        """The rollout's version after the action. A lost workflow is started on the way.

        Raises DomainError if the action was refused; EngineUnavailable if no answer came in time:
        then it is not known whether the action was taken, and the same request id asks again.
        RuntimeError if it failed, and would fail again: then nothing was changed.
        """

        async def update(client: Client) -> int:
            start = WithStartWorkflowOperation(
                RolloutWorkflow.run,
                RolloutInput(rollout_id, self._sweep),
                id=f"rollout:{rollout_id}",
                task_queue=self._task_queue,
                task_timeout=_TASK_TIMEOUT,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            )
            return await client.execute_update_with_start_workflow(
                RolloutWorkflow.perform,
                request,
                start_workflow_operation=start,
                # New for each attempt: Temporal answers a known id from memory, without end, also
                # with "no answer". That a request has one effect is the store's to see to.
                id=f"{request.request_id}:{uuid4()}",
            )

        try:
            return await self._call(update)
        except WorkflowUpdateFailedError as error:
            raise _refused(error) from error

    async def _call(self, use: Callable[[Client], Awaitable[T]]) -> T:
        try:
            async with asyncio.timeout(self._deadline):
                return await use(await self._connect())
        except RPCError as error:
            if error.status in _OUR_FAULT:
                raise
            log.warning("Temporal answers %s: %s", error.status.name, error.message)
            raise EngineUnavailable(error.status.name) from error
        except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
            raise EngineUnavailable("no answer in time") from error
        except RuntimeError as error:  # What the SDK's core raises when it cannot connect.
            raise EngineUnavailable("no connection") from error


def _refused(error: WorkflowUpdateFailedError) -> Exception:
    cause = error.cause
    if isinstance(cause, ApplicationError) and cause.type == FAILED:
        return RuntimeError(f"the action failed: {cause.message}")
    if isinstance(cause, ApplicationError) and cause.type and cause.type != "unavailable":
        kind: Kind = next((known for known in _KINDS if known in cause.details), "conflict")
        return DomainError(cause.type, kind, cause.message)
    return EngineUnavailable("the action was not stored in time")
