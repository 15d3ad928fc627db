"""Bodies of unit journeys."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from workflow_service.application.rollout.queries import JourneyView


class EvidenceBody(BaseModel):
    """Something that happened in the unit; the first of its kind."""

    model_config = ConfigDict(from_attributes=True)

    kind: str
    at: datetime


class RefusalBody(BaseModel):
    """Why another service refused the step's request. It is asked again every few seconds."""

    code: str
    detail: str


class JourneyBody(BaseModel):
    """A unit's journey. `since` is when it entered its step."""

    unit_id: str
    name: str
    wave: int | None
    step: str
    status: str
    since: datetime | None
    evidence: list[EvidenceBody]
    paused_reason: Annotated[
        str | None, Field(description="For administrators, auditors and managers; else null.")
    ]
    next_step_at: Annotated[
        datetime | None, Field(description="The next date known: least time over, or round closed.")
    ]
    waiting_for: Annotated[
        list[str],
        Field(
            description="Empty: it moves now. A refused request is listed by its code. A journey"
            " that has ended waits for nothing more: `completed` or `stopped`."
        ),
    ]
    refusal: RefusalBody | None
    after_care_on: list[date]

    @classmethod
    def of(cls, view: JourneyView, *, reasons: bool) -> "JourneyBody":
        journey = view.situation.journey
        return cls(
            unit_id=journey.unit_id,
            name=view.situation.name,
            wave=journey.wave,
            step=journey.step,
            status=journey.status,
            since=journey.step_started_at,
            evidence=[EvidenceBody.model_validate(each) for each in view.situation.evidence],
            paused_reason=journey.paused_reason if reasons else None,
            next_step_at=view.outlook.next_step_at,
            waiting_for=list(view.outlook.waiting_for),
            refusal=RefusalBody(code=journey.refused, detail=journey.refused_detail or "")
            if journey.refused
            else None,
            after_care_on=list(journey.after_care_on),
        )
