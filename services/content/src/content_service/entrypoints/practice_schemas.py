"""Bodies of what units do: meetings, actions, progress."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from content_service.application.queries import UnitProgress
from content_service.domain.module import Behaviour, Variant
from content_service.domain.practice import Action, CheckBackOutcome, Meeting
from content_service.entrypoints.assignment_schemas import AssignmentBody
from content_service.entrypoints.schema_parts import NO_NAMES, Id, Read, Sent, Words


class NewMeetingBody(Sent):
    """A meeting that was held: how many people took part, not who."""

    rollout_id: UUID
    unit_id: Id
    assignment_id: UUID | None = Field(default=None, description="The module that it was about.")
    variant: Variant
    held_on: date
    headcount: Annotated[int, Field(ge=1, le=10_000, description="People present.")]


class NewActionBody(Sent):
    """What the unit will practise."""

    rollout_id: UUID
    unit_id: Id
    behaviour: Behaviour
    text: Annotated[Words, Field(min_length=1, description=f"The unit's own words. {NO_NAMES}")]
    check_back_on: date


class CheckBackBody(Sent):
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
