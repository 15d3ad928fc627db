"""Events of the content service: what a unit was given and did. No names, no free text."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.envelope import Event
from contracts.vocabulary import Behaviour, UnitId


class ModulePublished(Event, type="content.module.published.v1", key="module_id"):
    """A version of a module can now be assigned. Published versions never change."""

    module_id: str
    version: int
    behaviours: tuple[Behaviour, ...]


class AssignmentCreated(Event, type="content.assignment.created.v1", key="assignment_id"):
    """A module version is now on the unit's plan."""

    assignment_id: UUID
    rollout_id: UUID
    unit_id: UnitId
    module_id: str
    module_version: int


class AssignmentCompleted(Event, type="content.assignment.completed.v1", key="assignment_id"):
    """Every item of the assigned module is done or waived."""

    assignment_id: UUID
    rollout_id: UUID
    unit_id: UnitId
    module_id: str


class MeetingHeld(Event, type="content.meeting.held.v1", key="meeting_id"):
    """A workplace meeting took place, by the unit's own record."""

    meeting_id: UUID
    rollout_id: UUID
    unit_id: UnitId
    assignment_id: UUID | None = None
    variant: Annotated[str, Field(description="10, 30, 60 or shift_handover.", examples=["30"])]
    held_on: date
    headcount: Annotated[int, Field(ge=1, description="People present.")]


class ActionChosen(Event, type="content.action.chosen.v1", key="action_id"):
    """The unit chose what to practise. The wording stays in the content service."""

    action_id: UUID
    rollout_id: UUID
    unit_id: UnitId
    behaviour: Behaviour
    check_back_on: date


class ActionCheckedBack(Event, type="content.action.checked_back.v1", key="action_id"):
    """The unit looked back at its chosen action."""

    action_id: UUID
    rollout_id: UUID
    unit_id: UnitId
    outcome: Annotated[str, Field(description="kept, adjusted or dropped.", examples=["kept"])]
