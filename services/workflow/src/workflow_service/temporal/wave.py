"""The wave workflow: up to some fifty unit journeys that move in turns.

A turn reads a snapshot, plans by pure functions, records the moves and sends the requests, each
kind of work in one batched activity. Then it sleeps until a hint, a due time or the sweep. The
stored evidence decides; a signal only says that there may be something to do.
"""

import asyncio
from datetime import timedelta
from typing import assert_never

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, FailureError

with workflow.unsafe.imports_passed_through():
    from workflow_service.domain.journey.turn import (
        AssignModules,
        OpenRounds,
        PeerRequest,
        WaveSnapshot,
        milestone,
        next_due,
        plan_moves,
        plan_requests,
    )
    from workflow_service.temporal.activity_stubs import (
        HEARTBEAT_TIMEOUT,
        Moves,
        WaveActivities,
        WaveInput,
    )

_RETRY = RetryPolicy(
    initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=10)
)
_ATTEMPT = timedelta(seconds=20)
# After this the wave turns to its other units, and asks again a little later.
_REQUEST_DEADLINE = timedelta(minutes=2)
_ASK_AGAIN_SECONDS = 5.0
_LEAST_SECONDS = 0.05


@workflow.defn(name="wave")
class WaveWorkflow:
    """One wave of one rollout."""

    def __init__(self) -> None:
        self._hinted = False
        self._signalled = "running"
        self._logged: set[tuple[str, tuple[str, ...], str]] = set()

    @workflow.run
    async def run(self, wave: WaveInput) -> None:
        while True:
            self._hinted = False
            snapshot = await self._move(wave, await self._read(wave))
            await self._signal_rollout(snapshot)
            if snapshot.rollout_status in ("stopped", "completed") or self._signalled == "ended":
                return
            answered = await self._ask(snapshot)
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(wave)
            await self._sleep(snapshot, wave.sweep_seconds, answered)

    @workflow.signal
    def look_again(self) -> None:
        """A hint that there is evidence, or that a journey was paused or resumed."""
        self._hinted = True

    async def _read(self, wave: WaveInput) -> WaveSnapshot:
        # Local: one history event instead of six, and reading twice does no harm.
        return await workflow.execute_local_activity_method(
            WaveActivities.read_wave,
            wave,
            start_to_close_timeout=_ATTEMPT,
            retry_policy=_RETRY,
        )

    async def _move(self, wave: WaveInput, snapshot: WaveSnapshot) -> WaveSnapshot:
        """Take every step that can be taken now."""
        while moves := plan_moves(snapshot, workflow.now()):
            snapshot = await workflow.execute_activity_method(
                WaveActivities.record_moves,
                Moves(wave.rollout_id, wave.wave, moves),
                start_to_close_timeout=_ATTEMPT,
                heartbeat_timeout=HEARTBEAT_TIMEOUT,
                retry_policy=_RETRY,
            )
        return snapshot

    async def _signal_rollout(self, snapshot: WaveSnapshot) -> None:
        """Hint at a milestone, once. The rollout reads for itself; its sweep mends a lost hint."""
        reached = milestone(snapshot)
        if reached == self._signalled:
            return
        self._signalled = reached
        rollout = workflow.get_external_workflow_handle(f"rollout:{snapshot.rollout_id}")
        try:
            await rollout.signal("wave_changed")
        except FailureError:
            workflow.logger.info("the rollout's workflow is not there; it will be")

    async def _ask(self, snapshot: WaveSnapshot) -> bool:
        """Send the requests that are due. False if one was refused or not answered."""
        requests = plan_requests(snapshot, workflow.now())
        return all(await asyncio.gather(*(self._send(request) for request in requests)))

    async def _send(self, request: PeerRequest) -> bool:
        match request:
            case OpenRounds():
                sending = workflow.start_activity_method(
                    WaveActivities.open_rounds,
                    request,
                    start_to_close_timeout=_ATTEMPT,
                    heartbeat_timeout=HEARTBEAT_TIMEOUT,
                    schedule_to_close_timeout=_REQUEST_DEADLINE,
                    retry_policy=_RETRY,
                )
            case AssignModules():
                sending = workflow.start_activity_method(
                    WaveActivities.assign_modules,
                    request,
                    start_to_close_timeout=_ATTEMPT,
                    heartbeat_timeout=HEARTBEAT_TIMEOUT,
                    schedule_to_close_timeout=_REQUEST_DEADLINE,
                    retry_policy=_RETRY,
                )
            case _:
                assert_never(request)
        try:
            await sending
        except ActivityError as error:
            self._log(request, error.cause)
            return False
        return True

    def _log(self, request: PeerRequest, cause: BaseException | None) -> None:
        """Once: a request that stays refused is sent again every few seconds."""
        code = cause.type if isinstance(cause, ApplicationError) else None
        code = code or type(cause).__name__
        news = (request.step, request.unit_ids, code)
        if news not in self._logged:
            self._logged.add(news)
            workflow.logger.warning("a request was not accepted: %s", code)

    async def _sleep(self, snapshot: WaveSnapshot, sweep_seconds: float, answered: bool) -> None:
        """Until a hint, the next due time, or the sweep; not long if a request is open."""
        seconds = sweep_seconds if answered else min(sweep_seconds, _ASK_AGAIN_SECONDS)
        now = workflow.now()
        due = next_due(snapshot, now)
        if due and snapshot.rollout_status == "active":
            seconds = min(seconds, (due - now).total_seconds())
        try:
            await workflow.wait_condition(
                lambda: self._hinted, timeout=max(seconds, _LEAST_SECONDS)
            )
        except TimeoutError:
            return
