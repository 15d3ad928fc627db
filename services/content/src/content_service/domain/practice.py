"""What a unit does: it holds a meeting, chooses an action, and checks back on it.

Records are about a unit, never about a person: dates and headcounts, no names.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from content_service.domain.assignment import Assignment
from content_service.domain.errors import DomainError
from content_service.domain.module import Behaviour, Variant

CheckBackOutcome = Literal["kept", "adjusted", "dropped"]
# Dates are local to the unit: in some time zone it is already tomorrow, or still yesterday.
_EAST, _WEST = timedelta(hours=14), timedelta(hours=-12)
_YEAR = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Meeting:
    """A workplace meeting that took place. `headcount` is people present."""

    meeting_id: UUID
    rollout_id: UUID
    unit_id: str
    assignment_id: UUID | None
    variant: Variant
    held_on: date
    headcount: int


@dataclass(frozen=True, slots=True)
class Action:
    """What the unit chose to practise, and how it went. Text and note stay in this service."""

    action_id: UUID
    rollout_id: UUID
    unit_id: str
    behaviour: Behaviour
    text: str
    check_back_on: date
    outcome: CheckBackOutcome | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class MeetingHeld:
    """The unit recorded a meeting."""

    meeting: Meeting


@dataclass(frozen=True, slots=True)
class ActionChosen:
    """The unit chose what to practise."""

    action: Action


@dataclass(frozen=True, slots=True)
class ActionCheckedBack:
    """The unit looked back at its action."""

    action: Action
    outcome: CheckBackOutcome


def hold_meeting(meeting: Meeting, module: Assignment | None, now: datetime) -> MeetingHeld:
    """Return the event, if the record is plausible.

    Raises DomainError `meeting-date-invalid`, or `assignment-of-another-unit` if the meeting names
    an assignment that is not this unit's in this rollout.
    """
    if not (now - _YEAR).date() <= meeting.held_on <= (now + _EAST).date():
        detail = (
            f"{meeting.held_on} is in the future or more than a year ago. A meeting is recorded"
            " after it was held."
        )
        raise DomainError("meeting-date-invalid", "invalid", detail)
    if meeting.assignment_id is not None and (
        module is None
        or (module.rollout_id, module.unit_id) != (meeting.rollout_id, meeting.unit_id)
    ):
        detail = (
            f"Assignment {meeting.assignment_id} is not one of unit {meeting.unit_id} in this"
            " rollout. GET /assignments lists them."
        )
        raise DomainError("assignment-of-another-unit", "invalid", detail)
    return MeetingHeld(meeting)


def choose_action(action: Action, now: datetime) -> ActionChosen:
    """Return the event. Raises DomainError `check-back-date-invalid` for a past or far date."""
    if not (now + _WEST).date() <= action.check_back_on <= (now + _YEAR).date():
        detail = (
            f"{action.check_back_on} is past, or more than a year away. Choose the day when the"
            " unit looks back, usually in about a month."
        )
        raise DomainError("check-back-date-invalid", "invalid", detail)
    return ActionChosen(action)


def check_back(
    action: Action, outcome: CheckBackOutcome, note: str | None
) -> tuple[Action, ActionCheckedBack]:
    """Return the action with its outcome. Raises DomainError `already-checked-back`."""
    if action.outcome is not None:
        detail = f"This action has its outcome already: {action.outcome}. Choose a new action."
        raise DomainError("already-checked-back", "conflict", detail)
    return replace(action, outcome=outcome, note=note), ActionCheckedBack(action, outcome)
