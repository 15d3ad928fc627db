"""Bodies of what units do: meetings, actions, progress."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from content_service.application.queries import UnitProgress
from content_service.domain.module import Behaviour, Variant
from content_service.domain.practice import Action, CheckBackOutcome, Meeting
from content_service.entrypoints.http.assignment_schemas import AssignmentBody
from content_service.entrypoints.http.fields import NO_NAMES, Id, Read, Words
from servicekit.request_body import RequestBody


class MeetingFacts(RequestBody):
    """How a meeting was held: how many people took part, not who."""

    assignment_id: UUID | None = Field(default=None, description="The module that it was about.")
    variant: Variant
    held_on: Annotated[
        date,
        Field(description="Today in Sweden, or within a year before.", examples=["2026-03-02"]),
    ]
    headcount: Annotated[
        int,
        Field(
            ge=1,
            le=10_000,
            description="People present: at most as many as the unit has.",
            examples=[9],
        ),
    ]


class NewMeetingBody(MeetingFacts):
    """A meeting that was held: how many people took part, not who."""

    rollout_id: UUID
    unit_id: Id


class ActionFacts(RequestBody):
    """What the unit will practise, and when it looks back."""

    behaviour: Behaviour
    text: Annotated[
        Words,
        Field(description=f"The unit's own words. {NO_NAMES}", examples=["One new idea a week."]),
    ]
    check_back_on: Annotated[
        date,
        Field(description="Today in Sweden, or within two years after.", examples=["2026-04-01"]),
    ]


class NewActionBody(ActionFacts):
    """What the unit will practise."""

    rollout_id: UUID
    unit_id: Id


class CheckBackBody(RequestBody):
    """How a chosen action went."""

    outcome: CheckBackOutcome
    note: Words | None = Field(default=None, description=NO_NAMES)


class MeetingBody(Read):
    """A meeting that was held."""

    meeting_id: UUID
    rollout_id: UUID
    unit_id: str
    assignment_id: UUID | None
    variant: Variant
    held_on: date
    headcount: int
    withdrawn_at: datetime | None = Field(
        description="Since when the record does not count any more; otherwise null."
    )
    on_paper: bool = Field(
        description="Whether an administrator recorded it for the unit's manager."
    )

    @classmethod
    def of(cls, meeting: Meeting) -> "MeetingBody":
        return cls.model_validate(meeting)


class ActionBody(Read):
    """A chosen action; `outcome` is null until the unit has looked back."""

    action_id: UUID
    rollout_id: UUID
    unit_id: str
    behaviour: Behaviour
    text: str
    check_back_on: date
    outcome: CheckBackOutcome | None
    note: str | None
    withdrawn_at: datetime | None = Field(
        description="Since when the action does not count any more; otherwise null."
    )

    @classmethod
    def of(cls, action: Action) -> "ActionBody":
        return cls.model_validate(action)


class ProgressBody(Read):
    """What one unit did in one rollout."""

    rollout_id: UUID
    unit_id: str
    name: str | None = Field(description="Null while the unit is not known to this service.")
    assignments: list[AssignmentBody]
    meetings: list[MeetingBody]
    actions: list[ActionBody]

    @classmethod
    def of(cls, progress: UnitProgress) -> "ProgressBody":
        return cls.model_validate(progress)
