"""The rollout workflow: takes administrators' actions as Updates, and acts when time has come.

The rules run in the Update's validator, on the state in memory; the store decides, in the
activity's transaction. Nothing here needs to survive: a new run reads the state and goes on.
"""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from workflow_service.domain.errors import DomainError
    from workflow_service.domain.rollout.commands import check, check_version
    from workflow_service.domain.rollout.rollout import Rollout
    from workflow_service.temporal.activity_stubs import (
        HEARTBEAT_TIMEOUT,
        ActionRequest,
        Advanced,
        PerformAction,
        RolloutActivities,
        RolloutInput,
        Waves,
    )

_RETRY = RetryPolicy(
    initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=10)
)
_ATTEMPT = timedelta(seconds=20)
# The administrator got "no answer" long before; the workflow must not wait indefinitely.
_ACTION_DEADLINE = timedelta(minutes=2)
_NUDGE_DEADLINE = timedelta(seconds=20)
# Temporal's clock may be ahead of the database's, by which it is judged what is due.
_LEAST = timedelta(seconds=0.2)
# Temporal refuses more than 2 000 updates in one run.
_ACTIONS_PER_RUN = 1_000


@workflow.defn(name="rollout")
class RolloutWorkflow:
    """One rollout, from preparation to after-care."""

    @workflow.init
    def __init__(self, rollout: RolloutInput) -> None:
        self._rollout = rollout
        self._state: Rollout | None = None
        self._advanced: Advanced | None = None
        self._woken = False
        self._actions = 0
        self._lock = asyncio.Lock()

    @workflow.run
    async def run(self, rollout: RolloutInput) -> None:
        while True:
            self._woken = False
            async with self._lock:
                await self._advance()
            if self._ended():
                break
            if self._is_long():
                await workflow.wait_condition(workflow.all_handlers_finished)
                workflow.continue_as_new(rollout)
            await self._sleep()
        await workflow.wait_condition(workflow.all_handlers_finished)

    @workflow.update
    async def perform(self, request: ActionRequest) -> int:
        """Carry out an action. Returns the rollout's version after it."""
        self._actions += 1
        command = PerformAction(self._rollout.rollout_id, request)
        async with self._lock:
            try:
                advanced = await workflow.execute_activity_method(
                    RolloutActivities.perform,
                    command,
                    start_to_close_timeout=_ATTEMPT,
                    heartbeat_timeout=HEARTBEAT_TIMEOUT,
                    schedule_to_close_timeout=_ACTION_DEADLINE,
                    retry_policy=_RETRY,
                )
            except ActivityError as error:
                raise _refusal(error) from error
            await self._take(advanced, advanced.nudge)
        return advanced.state.version

    @perform.validator
    def _check(self, request: ActionRequest) -> None:
        if self._state is None or self._lock.locked():
            return  # What is in memory may be older than what is stored; the store will decide.
        try:
            check_version(self._state, request.expected_version)
            check(self._state, request.command, request.by)
        except DomainError as error:
            raise ApplicationError(
                error.detail, error.kind, type=error.code, non_retryable=True
            ) from error

    @workflow.signal
    def wave_changed(self) -> None:
        """A hint that a wave has come further."""
        self._woken = True

    def _ended(self) -> bool:
        return self._state is not None and self._state.ended

    def _is_long(self) -> bool:
        suggested = workflow.info().is_continue_as_new_suggested()
        return suggested or self._actions >= _ACTIONS_PER_RUN

    async def _advance(self) -> None:
        first = self._state is None
        advanced = await workflow.execute_activity_method(
            RolloutActivities.advance,
            self._rollout.rollout_id,
            start_to_close_timeout=_ATTEMPT,
            heartbeat_timeout=HEARTBEAT_TIMEOUT,
            retry_policy=_RETRY,
        )
        # A first look may be that of a workflow begun again: its waves may be lost as well.
        await self._take(advanced, advanced.state.running_waves if first else advanced.nudge)

    async def _take(self, advanced: Advanced, nudge: tuple[int, ...]) -> None:
        self._state, self._advanced = advanced.state, advanced
        if not nudge:
            return
        try:
            await workflow.execute_activity_method(
                RolloutActivities.nudge,
                Waves(advanced.state.rollout_id, nudge),
                start_to_close_timeout=_ATTEMPT,
                heartbeat_timeout=HEARTBEAT_TIMEOUT,
                schedule_to_close_timeout=_NUDGE_DEADLINE,
                retry_policy=_RETRY,
            )
        except ActivityError:
            workflow.logger.warning("waves were not nudged; their sweep will find out")

    async def _sleep(self) -> None:
        """Until a hint, the next due time, the sweep, or the rollout's end."""
        slept_since = workflow.now()
        soonest = slept_since + _LEAST
        while not (self._woken or self._ended() or self._is_long()):
            seen = self._advanced
            due = seen.next_due if seen else None
            end = slept_since + timedelta(seconds=self._rollout.sweep_seconds)
            left = min(end, max(due or end, soonest)) - workflow.now()
            if left <= timedelta():
                return
            try:
                # An action may have changed what is due: then reckon again, without a look.
                await workflow.wait_condition(
                    lambda seen=seen: self._woken or self._advanced is not seen,  # type: ignore[misc]
                    timeout=left,
                )
            except TimeoutError:
                return


def _refusal(error: ActivityError) -> ApplicationError:
    """The store's refusal or lasting failure as the Update's; anything else as no answer."""
    cause = error.cause
    if isinstance(cause, ApplicationError) and cause.non_retryable:
        return ApplicationError(cause.message, *cause.details, type=cause.type, non_retryable=True)
    return ApplicationError(
        "The action could not be stored in time.", type="unavailable", non_retryable=True
    )
