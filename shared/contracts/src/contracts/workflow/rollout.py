"""Events of a rollout: phases, gates, decisions."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.envelope import Event
from contracts.vocabulary import (
    DecisionOutcome,
    GateOutcome,
    Timestamp,
    UnitId,
)


class RolloutCreated(Event, type="workflow.rollout.created.v1", key="rollout_id"):
    """A rollout exists; nothing runs yet."""

    rollout_id: UUID
    name: str
    template_id: str
    template_version: int
    unit_ids: Annotated[
        tuple[UnitId, ...],
        Field(description="The units that take part. Empty in events of earlier versions."),
    ] = ()


class RolloutPilotStarted(Event, type="workflow.rollout.pilot_started.v1", key="rollout_id"):
    """The pilot units' journeys begin."""

    rollout_id: UUID
    unit_ids: tuple[UnitId, ...]


class RolloutPilotExtended(Event, type="workflow.rollout.pilot_extended.v1", key="rollout_id"):
    """More time before the gate is evaluated again."""

    rollout_id: UUID
    evaluate_again_at: Timestamp


class RolloutEvaluationStarted(
    Event, type="workflow.rollout.evaluation_started.v1", key="rollout_id"
):
    """All pilot journeys are over; the evidence is weighed."""

    rollout_id: UUID


class CriterionOutcome(BaseModel):
    """One criterion of a gate. `value` is null when it is hidden or missing."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    code: str
    outcome: GateOutcome
    value: float | None
    hidden: bool
    dry_run: Annotated[bool, Field(description="Shown, not deciding.")]


class RolloutGateEvaluated(Event, type="workflow.rollout.gate_evaluated.v1", key="rollout_id"):
    """A gate was evaluated from released aggregates; inconclusive waits for a person."""

    rollout_id: UUID
    gate: str
    outcome: GateOutcome
    criteria: tuple[CriterionOutcome, ...]


class RolloutGateOverridden(Event, type="workflow.rollout.gate_overridden.v1", key="rollout_id"):
    """A person set the gate's outcome, with a reason kept beside the gate."""

    rollout_id: UUID
    gate: str
    outcome: GateOutcome


class RolloutDecisionProposed(
    Event, type="workflow.rollout.decision_proposed.v1", key="rollout_id"
):
    """A decision waits for a second person's approval."""

    rollout_id: UUID
    decision_id: UUID
    outcome: DecisionOutcome


class RolloutDecisionApproved(
    Event, type="workflow.rollout.decision_approved.v1", key="rollout_id"
):
    """The decision holds."""

    rollout_id: UUID
    decision_id: UUID
    outcome: DecisionOutcome
    diary_number: str


class RolloutDecisionRejected(
    Event, type="workflow.rollout.decision_rejected.v1", key="rollout_id"
):
    """The proposal fell; a new one may be made."""

    rollout_id: UUID
    decision_id: UUID


class RolloutBroadIntroductionStarted(
    Event, type="workflow.rollout.broad_introduction_started.v1", key="rollout_id"
):
    """The waves run, in order."""

    rollout_id: UUID
    waves: int


class RolloutPaused(Event, type="workflow.rollout.paused.v1", key="rollout_id"):
    """Nothing advances until the rollout is resumed."""

    rollout_id: UUID


class RolloutResumed(Event, type="workflow.rollout.resumed.v1", key="rollout_id"):
    """The rollout advances again."""

    rollout_id: UUID


class RolloutStopped(Event, type="workflow.rollout.stopped.v1", key="rollout_id"):
    """The rollout ended before its aim. A legitimate outcome."""

    rollout_id: UUID


class RolloutCompleted(Event, type="workflow.rollout.completed.v1", key="rollout_id"):
    """Every wave is complete; what remains is after-care."""

    rollout_id: UUID
