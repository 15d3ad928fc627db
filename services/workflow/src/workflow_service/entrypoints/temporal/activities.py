"""The workflows' activities: thin shells around use cases, each one transaction or one command.

All may be repeated: transitions by their request id, moves by the journeys' versions, commands by
their idempotency keys.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from temporalio import activity

from servicekit import telemetry
from workflow_service.application import rollout_handlers, wave_handlers
from workflow_service.application.ports import Engine, PeerRefused, Peers
from workflow_service.application.rollout_commands import Advanced, PerformAction
from workflow_service.domain.turn import AssignModules, OpenRounds, WaveSnapshot
from workflow_service.entrypoints.app import WorkflowUnitOfWork
from workflow_service.entrypoints.temporal.activity_stubs import Moves, WaveInput, Waves
from workflow_service.entrypoints.temporal.failures import refusal


class Activities:
    """Implements `RolloutActivities` and `WaveActivities`."""

    def __init__(self, uow: Callable[[], WorkflowUnitOfWork], peers: Peers, engine: Engine) -> None:
        self._uow, self._peers, self._engine = uow, peers, engine

    @activity.defn(name="advance_rollout")
    async def advance(self, rollout_id: UUID) -> Advanced:
        async with self._uow() as uow:
            return await rollout_handlers.advance(rollout_id, datetime.now(UTC), uow)

    @activity.defn(name="perform_action")
    async def perform(self, command: PerformAction) -> Advanced:
        async with self._uow() as uow:
            return await rollout_handlers.perform(command, uow)

    @activity.defn(name="nudge_waves")
    async def nudge(self, waves: Waves) -> None:
        for wave in waves.waves:
            await self._engine.nudge_wave(waves.rollout_id, wave)

    @activity.defn(name="read_wave")
    async def read_wave(self, wave: WaveInput) -> WaveSnapshot:
        async with self._uow() as uow:
            return await wave_handlers.read_wave(wave.rollout_id, wave.wave, uow)

    @activity.defn(name="record_moves")
    async def record_moves(self, moves: Moves) -> WaveSnapshot:
        async with self._uow() as uow:
            snapshot, told = await wave_handlers.record_moves(
                moves.rollout_id, moves.wave, moves.moves, uow
            )
            for cause, events in told:
                # Each unit's step belongs to the trace of the evidence that allowed it.
                with telemetry.span("journey step", traceparent=cause):
                    for event in events:
                        uow.record(event)
            return snapshot

    @activity.defn(name="open_rounds")
    async def open_rounds(self, command: OpenRounds) -> None:
        with telemetry.span("open rounds", traceparent=command.cause):
            await self._ask(
                lambda: self._peers.open_rounds(command),
                *(command.rollout_id, command.unit_ids, command.occasion, command.at),
            )

    @activity.defn(name="assign_modules")
    async def assign_modules(self, command: AssignModules) -> None:
        with telemetry.span("assign modules", traceparent=command.cause):
            await self._ask(
                lambda: self._peers.assign_modules(command),
                *(command.rollout_id, command.unit_ids, "modules", command.at),
            )

    async def _ask(
        self,
        send: Callable[[], Awaitable[None]],
        rollout_id: UUID,
        unit_ids: Sequence[str],
        step: str,
        at: datetime,
    ) -> None:
        try:
            await send()
        except PeerRefused as error:
            async with self._uow() as uow:
                await wave_handlers.note_refused(rollout_id, unit_ids, step, error.code, uow)
            raise refusal(error.code, "conflict", error.detail) from None
        async with self._uow() as uow:
            await wave_handlers.note_asked(rollout_id, unit_ids, step, at, uow)
