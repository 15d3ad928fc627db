"""Events of the workflow service: units, rollouts, waves and unit journeys.

Reasons and people's names stay in the service; a manager is an opaque recipient id.
"""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.envelope import Event
from contracts.vocabulary import (
    DecisionOutcome,
    GateOutcome,
    Step,
    Timestamp,
    UnitId,
    WaveNumber,
)


class UnitRegistered(Event, type="workflow.unit.registered.v1", key="unit_id"):
    """A unit is new in the organisation tree."""

    unit_id: UnitId
    parent_id: UnitId | None
    name: str
    kind: Annotated[
        str, Field(description="region, administration, operation or unit.", examples=["unit"])
    ]
    headcount: Annotated[int, Field(ge=0)]
    version: Annotated[int, Field(ge=1, description="Counts the unit's changes; never goes back.")]


class UnitChanged(Event, type="workflow.unit.changed.v1", key="unit_id"):
    """The unit's name, parent, kind or headcount changed; carries the whole new state."""

    unit_id: UnitId
    parent_id: UnitId | None
    name: str
    kind: str
    headcount: Annotated[int, Field(ge=0)]
    version: Annotated[int, Field(ge=1)]


class UnitManagerAssigned(Event, type="workflow.unit.manager_assigned.v1", key="unit_id"):
    """The unit has a (new) manager. The journey stays with the unit."""

    unit_id: UnitId
    manager_id: Annotated[str, Field(description="Opaque recipient id.")]
    version: Annotated[int, Field(ge=1)]


class RolloutCreated(Event, type="workflow.rollout.created.v1", key="rollout_id"):
    """A rollout exists; nothing runs yet."""

    rollout_id: UUID
    name: str
    template_id: str
    template_version: int


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


class WavePlanned(Event, type="workflow.wave.planned.v1", key="rollout_id+wave"):
    """The wave's units and earliest start are set."""

    rollout_id: UUID
    wave: WaveNumber
    unit_ids: tuple[UnitId, ...]
    planned_start: Timestamp


class WavePrerequisiteRecorded(
    Event, type="workflow.wave.prerequisite_recorded.v1", key="rollout_id+wave"
):
    """Evidence of a legal prerequisite is in place for the wave."""

    rollout_id: UUID
    wave: WaveNumber
    kind: Annotated[
        str,
        Field(description="risk_assessment or joint_consultation.", examples=["risk_assessment"]),
    ]
    recorded_on: date


class WaveStarted(Event, type="workflow.wave.started.v1", key="rollout_id+wave"):
    """The wave's unit journeys begin."""

    rollout_id: UUID
    wave: WaveNumber


class WaveVerified(Event, type="workflow.wave.verified.v1", key="rollout_id+wave"):
    """The wave has come far enough for the next one to start."""

    rollout_id: UUID
    wave: WaveNumber


class WaveCompleted(Event, type="workflow.wave.completed.v1", key="rollout_id+wave"):
    """Every unit of the wave is at a terminal state."""

    rollout_id: UUID
    wave: WaveNumber


class JourneyStarted(Event, type="workflow.journey.started.v1", key="rollout_id+unit_id"):
    """The unit's journey begins."""

    rollout_id: UUID
    unit_id: UnitId
    wave: WaveNumber


class JourneyStepStarted(Event, type="workflow.journey.step_started.v1", key="rollout_id+unit_id"):
    """The unit entered a step; the step before it, if any, is done."""

    rollout_id: UUID
    unit_id: UnitId
    step: Step


class JourneyPaused(Event, type="workflow.journey.paused.v1", key="rollout_id+unit_id"):
    """The unit stands still until it is resumed."""

    rollout_id: UUID
    unit_id: UnitId


class JourneyResumed(Event, type="workflow.journey.resumed.v1", key="rollout_id+unit_id"):
    """The unit goes on from the step it was in."""

    rollout_id: UUID
    unit_id: UnitId


class JourneyCompleted(Event, type="workflow.journey.completed.v1", key="rollout_id+unit_id"):
    """The unit is through; after-care is scheduled at these dates."""

    rollout_id: UUID
    unit_id: UnitId
    after_care_on: tuple[date, ...]


class JourneyStopped(Event, type="workflow.journey.stopped.v1", key="rollout_id+unit_id"):
    """The unit's journey ended with its rollout, before its aim."""

    rollout_id: UUID
    unit_id: UnitId


class ExternalDecisionPublished(Event, type="external.decision.published.v1", key="rollout_id"):
    """The region's decision about the rollout."""

    rollout_id: UUID
    decision_id: UUID
    outcome: DecisionOutcome
    diary_number: Annotated[str, Field(description="Diarienummer.", examples=["RV 2026-0142"])]
    decided_on: date


class TimetableWave(BaseModel):
    """One wave of the published timetable. Only units at or above the privacy floor are named."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    wave: WaveNumber
    planned_start: Timestamp
    unit_count: int
    unit_ids: tuple[UnitId, ...]


class ExternalTimetablePublished(Event, type="external.timetable.published.v1", key="rollout_id"):
    """The timetable of the wide introduction; a later one replaces it."""

    rollout_id: UUID
    waves: tuple[TimetableWave, ...]


class ExternalWaveStarted(Event, type="external.wave.started.v1", key="rollout_id+wave"):
    """A wave of the wide introduction (or the pilot, wave 0) began."""

    rollout_id: UUID
    wave: WaveNumber


class ExternalWaveCompleted(Event, type="external.wave.completed.v1", key="rollout_id+wave"):
    """Every unit of the wave is at a terminal state."""

    rollout_id: UUID
    wave: WaveNumber


class ExternalUnitStepStarted(
    Event, type="external.unit.step_started.v1", key="rollout_id+unit_id"
):
    """A unit at or above the privacy floor entered a step of its journey."""

    rollout_id: UUID
    unit_id: UnitId
    step: Step


class ExternalUnitCompleted(Event, type="external.unit.completed.v1", key="rollout_id+unit_id"):
    """A unit at or above the privacy floor has gone through its journey."""

    rollout_id: UUID
    unit_id: UnitId
