"""Bodies of the administrators' actions, and the command each becomes."""

from abc import abstractmethod
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from workflow_service.domain.duration import Duration, parse_duration
from workflow_service.domain.organisation.unit import UNIT_ID
from workflow_service.domain.rollout import commands as c
from workflow_service.domain.rollout.events import DecisionOutcome
from workflow_service.domain.rollout.waves import PrerequisiteKind
from workflow_service.domain.template.template import MAX_WAVE_SIZE

# PostgreSQL stores no NUL in a text, and no larger number in an integer column.
NO_NUL = r"^[^\x00]*$"
MAX_INT = 2**31 - 1

Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2000, pattern=NO_NUL),
    Field(description="Kept in the history. Name no person."),
]
Reference = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=NO_NUL)
]
WaveNumber = Annotated[int, Field(ge=0, le=MAX_INT, description="0 is the pilot.")]
UnitIdField = Annotated[str, StringConstraints(pattern=f"^{UNIT_ID.pattern}$")]


class ActionBody(BaseModel):
    """What every action may carry."""

    model_config = ConfigDict(extra="forbid")

    expected_version: Annotated[
        int | None,
        Field(ge=1, le=MAX_INT, description="Refuse if the rollout has another version by now."),
    ] = None

    @abstractmethod
    def command(self) -> c.Command: ...


class StartPilotBody(ActionBody):
    """Start the pilot units' journeys."""

    def command(self) -> c.Command:
        return c.StartPilot()


class ExtendPilotBody(ActionBody):
    """Give the pilot units time to complete their modules; then the gate is evaluated again.

    Nothing else can change the gate any more: results are released once, and meetings, actions and
    check-backs were there before the journeys ended.
    """

    duration: Annotated[
        str, Field(max_length=40, description="ISO 8601, from now.", examples=["P14D"])
    ]
    reason: Reason

    @field_validator("duration")
    @classmethod
    def _is_duration(cls, value: str) -> str:
        if parse_duration(value).is_zero:
            raise ValueError("must be longer than nothing")
        return value

    def command(self) -> c.Command:
        duration: Duration = parse_duration(self.duration)
        return c.ExtendPilot(duration, self.reason)


class EvaluateGateBody(ActionBody):
    """Evaluate the gate again, now."""

    def command(self) -> c.Command:
        return c.EvaluateGate()


class OverrideGateBody(ActionBody):
    """Set the gate's outcome. The reason stays beside the gate for ever."""

    outcome: Literal["pass", "fail"]
    reason: Reason

    def command(self) -> c.Command:
        return c.OverrideGate(self.outcome, self.reason)


class ProposeDecisionBody(ActionBody):
    """Propose a decision. Another administrator must approve it."""

    outcome: Annotated[
        DecisionOutcome,
        Field(
            description="Approved, `stop` and `adjusted_pilot` end the rollout. The adjusted pilot"
            " is a new rollout, with new rounds and a new gate."
        ),
    ]
    reasons: Reason
    diary_number: Annotated[Reference, Field(examples=["RV 2026-0142"])]

    def command(self) -> c.Command:
        return c.ProposeDecision(uuid4(), self.outcome, self.reasons, self.diary_number)


class ApproveDecisionBody(ActionBody):
    """Approve a decision that another administrator proposed."""

    decision_id: UUID

    def command(self) -> c.Command:
        return c.ApproveDecision(self.decision_id)


class RejectDecisionBody(ActionBody):
    """Reject a proposed decision. Any rejection stops it."""

    decision_id: UUID
    reason: Reason

    def command(self) -> c.Command:
        return c.RejectDecision(self.decision_id, self.reason)


class PlanWavesBody(ActionBody):
    """Cut all units that were no pilots into waves. A new plan replaces the last."""

    wave_size: Annotated[
        int | None, Field(ge=1, le=MAX_WAVE_SIZE, description="Units; default: the template's.")
    ] = None

    def command(self) -> c.Command:
        return c.PlanWaves(self.wave_size)


class RecordPrerequisiteBody(ActionBody):
    """Record where the evidence of a legal prerequisite of a wave is kept."""

    wave: WaveNumber
    kind: PrerequisiteKind
    reference: Reference
    recorded_on: date

    def command(self) -> c.Command:
        return c.RecordPrerequisite(self.wave, self.kind, self.reference, self.recorded_on)


class StartBroadIntroductionBody(ActionBody):
    """Let the waves run, in order."""

    def command(self) -> c.Command:
        return c.StartBroadIntroduction()


class PauseUnitBody(ActionBody):
    """Let one unit stand still."""

    unit_id: UnitIdField
    reason: Reason

    def command(self) -> c.Command:
        return c.PauseUnit(self.unit_id, self.reason)


class ResumeUnitBody(ActionBody):
    """Let a paused unit go on."""

    unit_id: UnitIdField
    reason: Reason

    def command(self) -> c.Command:
        return c.ResumeUnit(self.unit_id, self.reason)


class StopUnitBody(ActionBody):
    """End one unit's journey before its aim. It cannot be resumed.

    For a unit that is dissolved, or that can never finish: pilot, gate and waves go on without it.
    """

    unit_id: UnitIdField
    reason: Reason

    def command(self) -> c.Command:
        return c.StopUnit(self.unit_id, self.reason)


class PauseBody(ActionBody):
    """Let the whole rollout stand still."""

    reason: Reason

    def command(self) -> c.Command:
        return c.Pause(self.reason)


class ResumeBody(ActionBody):
    """Let a paused rollout go on."""

    reason: Reason

    def command(self) -> c.Command:
        return c.Resume(self.reason)


class StopBody(ActionBody):
    """End the rollout before its aim. It cannot be resumed."""

    reason: Reason

    def command(self) -> c.Command:
        return c.Stop(self.reason)


ACTION_BODIES: dict[str, type[Any]] = {
    "start_pilot": StartPilotBody,
    "extend_pilot": ExtendPilotBody,
    "evaluate_gate": EvaluateGateBody,
    "override_gate": OverrideGateBody,
    "propose_decision": ProposeDecisionBody,
    "approve_decision": ApproveDecisionBody,
    "reject_decision": RejectDecisionBody,
    "plan_waves": PlanWavesBody,
    "record_prerequisite": RecordPrerequisiteBody,
    "start_broad_introduction": StartBroadIntroductionBody,
    "pause_unit": PauseUnitBody,
    "resume_unit": ResumeUnitBody,
    "stop_unit": StopUnitBody,
    "pause": PauseBody,
    "resume": ResumeBody,
    "stop": StopBody,
}
