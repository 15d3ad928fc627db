"""The workflows' activities: thin shells around use cases, each one transaction or one request.

All may be repeated: transitions by their request id, moves by the journeys' versions, requests to
other services by their idempotency keys; one that no unit wants any more is not sent.
"""

from collections.abc import Callable
from uuid import UUID

from temporalio import activity

from servicekit.audit_trail import Account
from workflow_service.application.journey import handlers as wave_handlers
from workflow_service.application.journey.asking import ask
from workflow_service.application.ports import Engine, PeerRefused, Peers
from workflow_service.application.rollout import handlers as rollout_handlers
from workflow_service.application.rollout.commands import Advanced, PerformAction
from workflow_service.domain.journey.turn import (
    AssignModules,
    OpenRounds,
    PeerRequest,
    WaveSnapshot,
)
from workflow_service.domain.rollout.eyes import accounts
from workflow_service.entrypoints.app import WorkflowTransaction
from workflow_service.temporal.activity_stubs import Moves, WaveInput, Waves
from workflow_service.temporal.failures import refusal


class Activities:
    """Implements `RolloutActivities` and `WaveActivities`."""

    def __init__(
        self, uow: Callable[[], WorkflowTransaction], peers: Peers, engine: Engine
    ) -> None:
        self._uow, self._peers, self._engine = uow, peers, engine

    @activity.defn(name="advance_rollout")
    async def advance(self, rollout_id: UUID) -> Advanced:
        async with self._uow() as uow:
            return await rollout_handlers.advance(rollout_id, uow)

    @activity.defn(name="perform_action")
    async def perform(self, command: PerformAction) -> Advanced:
        actor = Account(*accounts(command.request.by))
        async with self._uow().by(actor) as uow:
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
            return await wave_handlers.record_moves(moves.rollout_id, moves.wave, moves.moves, uow)

    @activity.defn(name="open_rounds")
    async def open_rounds(self, request: OpenRounds) -> None:
        await self._ask(request)

    @activity.defn(name="assign_modules")
    async def assign_modules(self, request: AssignModules) -> None:
        await self._ask(request)

    async def _ask(self, request: PeerRequest) -> None:
        try:
            await ask(request, self._uow, self._peers)
        except PeerRefused as error:
            raise refusal(error.code, "conflict", error.detail) from None
