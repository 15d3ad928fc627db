"""Bodies of unit journeys."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from servicekit.csv_export import Cell
from workflow_service.application.rollout.queries import JourneyView
from workflow_service.domain.calendar import STOCKHOLM

COLUMNS = (
    *("unit_id", "name", "wave", "step", "status", "since", "next_step_at", "waiting_for"),
    *("evidence", "paused_reason", "refusal", "after_care_on"),
)
"""Of a file of journeys."""
EXAMPLE: tuple[Cell, ...] = (
    *("rehab", "Rehab", 1, "modules", "active", "2026-09-01 10:00", "2026-10-01 10:00"),
    *("meeting_held, action_chosen", "baseline_released 2026-09-01 10:00", "", "", ""),
)


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
        datetime | None,
        Field(
            description="The next date known: least time over, or round closed. Null while the unit"
            " or its rollout is paused."
        ),
    ]
    waiting_for: Annotated[
        list[str],
        Field(
            description="Empty: it moves now. A refused request is listed by its code, a pause of"
            " the whole rollout as `rollout-paused`, another rollout that the unit is under way in"
            " as `unit-in-other-rollout`. A journey that has ended waits for nothing more:"
            " `completed` or `stopped`."
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

    def row(self) -> tuple[Cell, ...]:
        """As a row of a file with the columns COLUMNS; times are Swedish."""
        return (
            *(self.unit_id, self.name, self.wave, self.step, self.status),
            *(_written(self.since), _written(self.next_step_at), ", ".join(self.waiting_for)),
            ", ".join(f"{each.kind} {_written(each.at)}" for each in self.evidence),
            self.paused_reason,
            f"{self.refusal.code}: {self.refusal.detail}" if self.refusal else None,
            ", ".join(each.isoformat() for each in self.after_care_on),
        )


def _written(moment: datetime | None) -> str | None:
    """As a spreadsheet reads it: the time in Sweden, without its zone."""
    return f"{moment.astimezone(STOCKHOLM):%Y-%m-%d %H:%M}" if moment else None
