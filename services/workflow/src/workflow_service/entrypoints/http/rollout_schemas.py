"""Bodies of rollouts and their history."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from servicekit.api_info import VERSION_PATH
from servicekit.request_body import RequestBody
from servicekit.text import Line
from workflow_service.application.ports import Transition
from workflow_service.application.rollout.queries import RolloutView
from workflow_service.application.template.handlers import unknown_detail
from workflow_service.domain.rollout.commands import ActionView
from workflow_service.domain.rollout.gate import EvaluatedGate
from workflow_service.domain.rollout.rollout import MAX_UNITS, Decision, Rollout
from workflow_service.domain.rollout.waves import Wave
from workflow_service.entrypoints.http.fields import Code, UnitIdField, action_path
from workflow_service.entrypoints.http.template_schemas import WarningBody


class _Body(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class NewRolloutBody(RequestBody):
    """A rollout to create."""

    name: Annotated[Line, Field(max_length=200, examples=["Breddinförande 2026"])]
    template_id: Code
    template_version: Annotated[
        int | None,
        Field(ge=1, le=1_000_000, description="Default: the newest.", examples=[1]),
    ] = None
    pilot_unit_ids: Annotated[list[UnitIdField], Field(min_length=1, max_length=200)]
    unit_ids: Annotated[
        list[UnitIdField] | None,
        Field(
            max_length=MAX_UNITS,
            description="Default: every unit with people and none below it. With the pilot's"
            f" {MAX_UNITS} at most.",
        ),
    ] = None


class OverrideBody(_Body):
    """A person set the outcome."""

    outcome: str
    by: str
    reason: str
    at: datetime


class CriterionBody(_Body):
    """One criterion. `value` is null where it is hidden or missing."""

    code: str
    outcome: Annotated[str, Field(description="pass, fail or inconclusive.")]
    value: float | None
    threshold: Annotated[float, Field(description="Passes at or above.")]
    hidden: bool
    dry_run: Annotated[bool, Field(description="Shown, not deciding.")]
    source: str
    explanation: str


class GateBody(_Body):
    """A gate as last evaluated. `outcome` is the override's where there is one."""

    name: str
    outcome: str
    evaluated: Annotated[str, Field(description="The outcome by the evidence alone.")]
    evaluated_at: datetime
    override: OverrideBody | None
    criteria: list[CriterionBody]

    @classmethod
    def of(cls, gate: EvaluatedGate) -> "GateBody":
        return cls.model_validate(gate)


class DecisionBody(BaseModel):
    """A decision. `at` is when it was settled, or else proposed."""

    decision_id: UUID
    outcome: str
    status: Annotated[str, Field(description="proposed, approved or rejected.")]
    proposed_by: str
    approved_by: str | None
    rejected_by: str | None
    rejection: str | None
    diary_number: str
    reasons: str
    at: datetime

    @classmethod
    def of(cls, decision: Decision) -> "DecisionBody":
        status = decision.status
        return cls(
            decision_id=decision.decision_id,
            outcome=decision.outcome,
            status=status,
            proposed_by=decision.proposed_by,
            approved_by=decision.settled_by if status == "approved" else None,
            rejected_by=decision.settled_by if status == "rejected" else None,
            rejection=decision.rejection,
            diary_number=decision.diary_number,
            reasons=decision.reasons,
            at=decision.settled_at or decision.proposed_at,
        )


class PublishedDecisionBody(_Body):
    """An approved decision, as everyone may read it: what and why, not who."""

    decision_id: UUID
    outcome: Annotated[str, Field(description="broad_introduction, adjusted_pilot or stop.")]
    diary_number: str
    reasons: str
    decided_at: Annotated[datetime, Field(validation_alias="settled_at")]


class PrerequisiteBody(_Body):
    """Where the evidence of a legal prerequisite is kept."""

    kind: str
    reference: str
    recorded_on: date
    by: str
    reason: Annotated[
        str | None,
        Field(description="Why an earlier record was corrected; the history keeps that one."),
    ]


class WaveBody(BaseModel):
    """A wave; number 0 is the pilot."""

    wave: int
    status: Annotated[str, Field(description="planned, running, verified, completed or stopped.")]
    planned_start: datetime | None
    unit_count: Annotated[
        int,
        Field(
            description="Units planned for it; GET /v1/rollouts/{rollout_id}/journeys?wave= lists"
            " them."
        ),
    ]
    prerequisites: list[PrerequisiteBody]
    missing: Annotated[list[str], Field(description="Legal prerequisites not yet recorded.")]

    @classmethod
    def of(cls, wave: Wave) -> "WaveBody":
        return cls(
            wave=wave.number,
            status=wave.status,
            planned_start=wave.planned_start,
            unit_count=wave.unit_count,
            prerequisites=[PrerequisiteBody.model_validate(p) for p in wave.prerequisites],
            missing=list(wave.missing),
        )


class ReasonBody(_Body):
    """Why not."""

    code: str
    detail: str


class ActionStateBody(BaseModel):
    """An action, whether the caller may do it now, and why not."""

    action: str
    path: Annotated[str, Field(description="Where to POST it.")]
    allowed: bool
    why_not: ReasonBody | None

    @classmethod
    def of(cls, rollout_id: UUID, view: ActionView) -> "ActionStateBody":
        return cls(
            action=view.action,
            path=VERSION_PATH + action_path(rollout_id, view.action),
            allowed=view.allowed,
            why_not=view.why_not and ReasonBody.model_validate(view.why_not),
        )


class TemplateRefBody(BaseModel):
    """The template version that the rollout keeps to."""

    id: str
    version: int


class RolloutSummaryBody(BaseModel):
    """A rollout in a list."""

    rollout_id: UUID
    name: str
    phase: str
    status: str
    version: int
    template: TemplateRefBody

    @classmethod
    def _columns(cls, state: Rollout) -> dict[str, Any]:
        return {
            "rollout_id": state.rollout_id,
            "name": state.name,
            "phase": state.phase,
            "status": state.status,
            "version": state.version,
            "template": TemplateRefBody(id=state.template_id, version=state.template_version),
        }

    @classmethod
    def of_state(cls, state: Rollout) -> "RolloutSummaryBody":
        return cls(**cls._columns(state))


class RolloutBody(RolloutSummaryBody):
    """A rollout, with what the caller may do now."""

    counts_by_step: Annotated[
        dict[str, int],
        Field(
            description="Journeys by step; those not started are `waiting`, those that were"
            " stopped `stopped`."
        ),
    ]
    gate: GateBody | None
    evaluate_again_at: datetime | None
    decision: DecisionBody | None
    past_decisions: list[DecisionBody]
    waves: list[WaveBody]
    actions: list[ActionStateBody]
    warnings: Annotated[
        list[WarningBody],
        Field(
            description="What the template names that is not published, or not known to be yet;"
            " pointers are into the template's document."
        ),
    ]

    @classmethod
    def of(cls, view: RolloutView) -> "RolloutBody":
        state = view.state
        return cls(
            **cls._columns(state),
            counts_by_step=view.counts_by_step,
            gate=GateBody.of(state.gate) if state.gate else None,
            evaluate_again_at=state.evaluate_again_at,
            decision=DecisionBody.of(state.decision) if state.decision else None,
            past_decisions=[DecisionBody.of(past) for past in state.past_decisions],
            waves=[WaveBody.of(wave) for wave in state.waves],
            actions=[ActionStateBody.of(state.rollout_id, action) for action in view.actions],
            warnings=[
                WarningBody(pointer=pointer, detail=unknown_detail(reference))
                for reference, pointer in view.unknown.items()
            ],
        )


class TransitionBody(_Body):
    """An accepted transition. `by` is a subject, or `workflow` for what time and evidence did."""

    version: int
    action: str
    by: str
    at: datetime
    reason: str | None
    detail: dict[str, Any]

    @classmethod
    def of(cls, transition: Transition) -> "TransitionBody":
        return cls.model_validate(transition)
