"""What can happen to a rollout. Each event is stored with the transition that caused it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from workflow_service.domain.rollout.gate import EvaluatedGate, Override
from workflow_service.domain.rollout.waves import PlannedWave, Prerequisite

DecisionOutcome = Literal["broad_introduction", "adjusted_pilot", "stop"]


@dataclass(frozen=True, slots=True)
class RolloutCreated:
    """A rollout exists; nothing runs yet."""

    rollout_id: UUID
    name: str
    template_id: str
    template_version: int


@dataclass(frozen=True, slots=True)
class PilotStarted:
    """The pilot units' journeys begin."""

    rollout_id: UUID
    unit_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PilotExtended:
    """The gate is evaluated again at this time."""

    rollout_id: UUID
    evaluate_again_at: datetime


@dataclass(frozen=True, slots=True)
class EvaluationStarted:
    """All pilot journeys are over."""

    rollout_id: UUID


@dataclass(frozen=True, slots=True)
class GateEvaluated:
    """The evidence was weighed."""

    rollout_id: UUID
    gate: EvaluatedGate


@dataclass(frozen=True, slots=True)
class GateOverridden:
    """A person set the gate's outcome."""

    rollout_id: UUID
    gate: str
    override: Override


@dataclass(frozen=True, slots=True)
class DecisionProposed:
    """A decision waits for a second person."""

    rollout_id: UUID
    decision_id: UUID
    outcome: DecisionOutcome
    diary_number: str
    reasons: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DecisionApproved:
    """The decision holds."""

    rollout_id: UUID
    decision_id: UUID
    outcome: DecisionOutcome
    diary_number: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DecisionRejected:
    """The proposal fell."""

    rollout_id: UUID
    decision_id: UUID
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class WavesPlanned:
    """The timetable of the wide introduction. `nameable`: units that others may be told of."""

    rollout_id: UUID
    waves: tuple[PlannedWave, ...]
    nameable: frozenset[str]


@dataclass(frozen=True, slots=True)
class PrerequisiteRecorded:
    """Evidence of a legal prerequisite is in place."""

    rollout_id: UUID
    wave: int
    prerequisite: Prerequisite


@dataclass(frozen=True, slots=True)
class BroadIntroductionStarted:
    """The waves may run, in order."""

    rollout_id: UUID
    waves: int


@dataclass(frozen=True, slots=True)
class WaveStarted:
    """The wave's journeys begin."""

    rollout_id: UUID
    wave: int
    at: datetime


@dataclass(frozen=True, slots=True)
class WaveVerified:
    """The next wave may start."""

    rollout_id: UUID
    wave: int


@dataclass(frozen=True, slots=True)
class WaveCompleted:
    """Every journey of the wave is at an end."""

    rollout_id: UUID
    wave: int


@dataclass(frozen=True, slots=True)
class UnitPaused:
    """One unit stands still."""

    rollout_id: UUID
    unit_id: str
    wave: int
    reason: str


@dataclass(frozen=True, slots=True)
class UnitResumed:
    """The unit goes on."""

    rollout_id: UUID
    unit_id: str
    wave: int


@dataclass(frozen=True, slots=True)
class UnitStopped:
    """The unit's journey ended before its aim. `wave` is None if none was planned for it."""

    rollout_id: UUID
    unit_id: str
    wave: int | None


@dataclass(frozen=True, slots=True)
class RolloutPaused:
    """Nothing advances."""

    rollout_id: UUID


@dataclass(frozen=True, slots=True)
class RolloutResumed:
    """The rollout advances again."""

    rollout_id: UUID


@dataclass(frozen=True, slots=True)
class RolloutStopped:
    """The rollout ended before its aim."""

    rollout_id: UUID


@dataclass(frozen=True, slots=True)
class RolloutCompleted:
    """Every wave is complete; after-care remains."""

    rollout_id: UUID


RolloutEvent = (
    PilotStarted
    | PilotExtended
    | EvaluationStarted
    | GateEvaluated
    | GateOverridden
    | DecisionProposed
    | DecisionApproved
    | DecisionRejected
    | WavesPlanned
    | PrerequisiteRecorded
    | BroadIntroductionStarted
    | WaveStarted
    | WaveVerified
    | WaveCompleted
    | UnitPaused
    | UnitResumed
    | UnitStopped
    | RolloutPaused
    | RolloutResumed
    | RolloutStopped
    | RolloutCompleted
)
