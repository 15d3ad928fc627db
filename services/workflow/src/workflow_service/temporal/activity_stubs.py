"""What the workflows ask of activities: names and types only, so that workflow code depends on no
I/O. `activities.py` implements them; a bench or a test may implement them otherwise."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from temporalio import activity

from workflow_service.application.ports import ActionRequest
from workflow_service.application.rollout.commands import Advanced, PerformAction
from workflow_service.domain.journey.journey import Move
from workflow_service.domain.journey.turn import AssignModules, OpenRounds, WaveSnapshot

__all__ = ["ActionRequest", "Advanced", "PerformAction"]

# No beat of an activity for so long: its process is dead, and another tries again (heartbeats.py).
HEARTBEAT_TIMEOUT = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class RolloutInput:
    """`sweep_seconds`: how long to sleep at most, in case a hint was lost."""

    rollout_id: UUID
    sweep_seconds: float


@dataclass(frozen=True, slots=True)
class WaveInput:
    """`sweep_seconds`: how long to sleep at most, in case a hint was lost."""

    rollout_id: UUID
    wave: int
    sweep_seconds: float


@dataclass(frozen=True, slots=True)
class Waves:
    """Some waves of a rollout."""

    rollout_id: UUID
    waves: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Moves:
    """What a wave's turn wants to record."""

    rollout_id: UUID
    wave: int
    moves: tuple[Move, ...]


class RolloutActivities(Protocol):
    """Asked by the rollout workflow."""

    @activity.defn(name="advance_rollout")
    async def advance(self, rollout_id: UUID) -> Advanced:
        """Carry out what time and evidence make due."""

    @activity.defn(name="perform_action")
    async def perform(self, command: PerformAction) -> Advanced:
        """Carry out an administrator's action, once per request id."""

    @activity.defn(name="nudge_waves")
    async def nudge(self, waves: Waves) -> None:
        """Start these waves' workflows, or make them look again."""


class WaveActivities(Protocol):
    """Asked by the wave workflow. Each handles a batch of units."""

    @activity.defn(name="read_wave")
    async def read_wave(self, wave: WaveInput) -> WaveSnapshot:
        """The wave as stored."""

    @activity.defn(name="record_moves")
    async def record_moves(self, moves: Moves) -> WaveSnapshot:
        """Take the steps of journeys that have not changed since; the wave as it is then."""

    @activity.defn(name="open_rounds")
    async def open_rounds(self, request: OpenRounds) -> None:
        """Ask the assessment service, and store its answer for each unit."""

    @activity.defn(name="assign_modules")
    async def assign_modules(self, request: AssignModules) -> None:
        """Ask the content service, and store its answer for each unit."""
