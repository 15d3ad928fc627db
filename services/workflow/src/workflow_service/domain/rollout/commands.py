"""What may be asked of a rollout: by people (`Command`), or by time and evidence (`Step`)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from workflow_service.domain.duration import Duration
from workflow_service.domain.rollout.events import DecisionOutcome
from workflow_service.domain.rollout.waves import PrerequisiteKind


@dataclass(frozen=True, slots=True)
class StartPilot:
    action: Literal["start_pilot"] = "start_pilot"


@dataclass(frozen=True, slots=True)
class ExtendPilot:
    duration: Duration
    reason: str
    action: Literal["extend_pilot"] = "extend_pilot"


@dataclass(frozen=True, slots=True)
class EvaluateGate:
    action: Literal["evaluate_gate"] = "evaluate_gate"


@dataclass(frozen=True, slots=True)
class OverrideGate:
    outcome: Literal["pass", "fail"]
    reason: str
    action: Literal["override_gate"] = "override_gate"


@dataclass(frozen=True, slots=True)
class ProposeDecision:
    decision_id: UUID
    outcome: DecisionOutcome
    reasons: str
    diary_number: str
    action: Literal["propose_decision"] = "propose_decision"


@dataclass(frozen=True, slots=True)
class ApproveDecision:
    decision_id: UUID
    action: Literal["approve_decision"] = "approve_decision"


@dataclass(frozen=True, slots=True)
class RejectDecision:
    decision_id: UUID
    reason: str
    action: Literal["reject_decision"] = "reject_decision"


@dataclass(frozen=True, slots=True)
class PlanWaves:
    """`wave_size` in units; None takes the template's."""

    wave_size: int | None = None
    action: Literal["plan_waves"] = "plan_waves"


@dataclass(frozen=True, slots=True)
class RecordPrerequisite:
    wave: int
    kind: PrerequisiteKind
    reference: str
    recorded_on: date
    action: Literal["record_prerequisite"] = "record_prerequisite"


@dataclass(frozen=True, slots=True)
class StartBroadIntroduction:
    action: Literal["start_broad_introduction"] = "start_broad_introduction"


@dataclass(frozen=True, slots=True)
class PauseUnit:
    unit_id: str
    reason: str
    action: Literal["pause_unit"] = "pause_unit"


@dataclass(frozen=True, slots=True)
class ResumeUnit:
    unit_id: str
    reason: str
    action: Literal["resume_unit"] = "resume_unit"


@dataclass(frozen=True, slots=True)
class StopUnit:
    unit_id: str
    reason: str
    action: Literal["stop_unit"] = "stop_unit"


@dataclass(frozen=True, slots=True)
class Pause:
    reason: str
    action: Literal["pause"] = "pause"


@dataclass(frozen=True, slots=True)
class Resume:
    reason: str
    action: Literal["resume"] = "resume"


@dataclass(frozen=True, slots=True)
class Stop:
    reason: str
    action: Literal["stop"] = "stop"


@dataclass(frozen=True, slots=True)
class CompletePilot:
    action: Literal["complete_pilot"] = "complete_pilot"


@dataclass(frozen=True, slots=True)
class EvaluateAgain:
    action: Literal["evaluate_again"] = "evaluate_again"


@dataclass(frozen=True, slots=True)
class StartWave:
    wave: int
    action: Literal["start_wave"] = "start_wave"


@dataclass(frozen=True, slots=True)
class VerifyWave:
    wave: int
    action: Literal["verify_wave"] = "verify_wave"


@dataclass(frozen=True, slots=True)
class CompleteWave:
    wave: int
    action: Literal["complete_wave"] = "complete_wave"


@dataclass(frozen=True, slots=True)
class Complete:
    action: Literal["complete"] = "complete"


Command = (
    StartPilot
    | ExtendPilot
    | EvaluateGate
    | OverrideGate
    | ProposeDecision
    | ApproveDecision
    | RejectDecision
    | PlanWaves
    | RecordPrerequisite
    | StartBroadIntroduction
    | PauseUnit
    | ResumeUnit
    | StopUnit
    | Pause
    | Resume
    | Stop
)
Step = CompletePilot | EvaluateAgain | StartWave | VerifyWave | CompleteWave | Complete
ACTIONS: tuple[str, ...] = (
    "start_pilot",
    "extend_pilot",
    "evaluate_gate",
    "override_gate",
    "propose_decision",
    "approve_decision",
    "reject_decision",
    "plan_waves",
    "record_prerequisite",
    "start_broad_introduction",
    "pause_unit",
    "resume_unit",
    "stop_unit",
    "pause",
    "resume",
    "stop",
)
