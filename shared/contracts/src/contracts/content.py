"""Events of the content service: what a unit was given and did. No names, no free text."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.audit import AuditHead
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


class MeetingCorrected(Event, type="content.meeting.corrected.v1", key="meeting_id"):
    """The record of a meeting was wrong in some fields; the corrected ones stay in the service.

    The meeting still counts as held.
    """

    meeting_id: UUID
    rollout_id: UUID
    unit_id: UnitId


class MeetingWithdrawn(Event, type="content.meeting.withdrawn.v1", key="meeting_id"):
    """The record of a meeting does not count any more, as if it had never been made.

    Does not mean that the unit has no other meeting. The reason stays in the service.
    """

    meeting_id: UUID
    rollout_id: UUID
    unit_id: UnitId


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


class ActionCorrected(Event, type="content.action.corrected.v1", key="action_id"):
    """The record of a chosen action was wrong in some fields; the action still counts as chosen."""

    action_id: UUID
    rollout_id: UUID
    unit_id: UnitId


class ActionWithdrawn(Event, type="content.action.withdrawn.v1", key="action_id"):
    """The chosen action does not count any more, nor does its check-back, if there was one.

    Does not mean that the unit has no other action. The reason stays in the service.
    """

    action_id: UUID
    rollout_id: UUID
    unit_id: UnitId


class ActionCheckBackWithdrawn(
    Event, type="content.action.check_back_withdrawn.v1", key="action_id"
):
    """The outcome of the action does not count any more; the action itself still does.

    The unit may look back again, which is another `content.action.checked_back.v1`.
    """

    action_id: UUID
    rollout_id: UUID
    unit_id: UnitId


class AuditHeadSigned(Event, AuditHead, type="content.audit.head_signed.v1", key="service"):
    """The end of this service's audit trail was signed. See `contracts.audit`."""
