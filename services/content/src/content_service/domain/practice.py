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
from content_service.domain.unit import Unit

CheckBackOutcome = Literal["kept", "adjusted", "dropped"]
_YEAR, _TWO_YEARS = timedelta(days=366), timedelta(days=731)


@dataclass(frozen=True, slots=True)
class Meeting:
    """A workplace meeting that took place. `headcount` is people present.

    A record that is withdrawn does not count any more. `on_paper` marks one that an administrator
    recorded for the unit's manager.
    """

    meeting_id: UUID
    rollout_id: UUID
    unit_id: str
    assignment_id: UUID | None
    variant: Variant
    held_on: date
    headcount: int
    withdrawn_at: datetime | None = None
    on_paper: bool = False


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
    withdrawn_at: datetime | None = None


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


def hold_meeting(
    meeting: Meeting, module: Assignment | None, unit: Unit | None, today: date
) -> MeetingHeld:
    """Return the event, if the record is plausible. `unit` is None while it is not known here.

    Raises DomainError `meeting-date-invalid`, `headcount-too-large`, or
    `assignment-of-another-unit`.
    """
    check_held_on(meeting.held_on, today)
    check_headcount(meeting.headcount, unit)
    check_assignment(meeting, module)
    return MeetingHeld(meeting)


def choose_action(action: Action, today: date) -> ActionChosen:
    """Return the event. Raises DomainError `check-back-date-invalid` for a past or far date."""
    check_date_ahead(action.check_back_on, today)
    return ActionChosen(action)


def check_back(
    action: Action, outcome: CheckBackOutcome, note: str | None, today: date
) -> tuple[Action, ActionCheckedBack]:
    """Return the action with its outcome.

    Raises DomainError `action-withdrawn`, `already-checked-back` or `check-back-too-early`.
    """
    if action.withdrawn_at is not None:
        raise action_withdrawn(action)
    if action.outcome is not None:
        detail = (
            f"This action has its outcome already: {action.outcome}. Choose a new action, or"
            " withdraw the check-back if it was recorded by mistake."
        )
        raise DomainError("already-checked-back", "conflict", detail)
    if today < action.check_back_on:
        detail = (
            f"The unit looks back at this action on {action.check_back_on} or later; today is"
            f" {today}. Correct the action's date if it is wrong."
        )
        raise DomainError("check-back-too-early", "conflict", detail)
    return replace(action, outcome=outcome, note=note), ActionCheckedBack(action, outcome)


def check_held_on(held_on: date, today: date) -> None:
    """Raises DomainError `meeting-date-invalid`."""
    earliest = today - _YEAR
    if not earliest <= held_on <= today:
        detail = (
            f"{held_on} is in the future or more than a year ago. A meeting is recorded after it"
            " was held."
        )
        where = [{"pointer": "/held_on", "detail": f"Use a date from {earliest} to {today}."}]
        raise DomainError("meeting-date-invalid", "invalid", detail, where)


def check_headcount(headcount: int, unit: Unit | None) -> None:
    """Raises DomainError `headcount-too-large`."""
    if unit is not None and headcount > unit.headcount:
        detail = f"Unit {unit.unit_id} has {unit.headcount} people; {headcount} cannot have met."
        where = [{"pointer": "/headcount", "detail": f"Use {unit.headcount} at most."}]
        raise DomainError("headcount-too-large", "invalid", detail, where)


def check_assignment(meeting: Meeting, module: Assignment | None) -> None:
    """Raises DomainError `assignment-of-another-unit` if the meeting names an assignment that is
    not this unit's in this rollout."""
    if meeting.assignment_id is not None and (
        module is None
        or (module.rollout_id, module.unit_id) != (meeting.rollout_id, meeting.unit_id)
    ):
        detail = (
            f"Assignment {meeting.assignment_id} is not one of unit {meeting.unit_id} in this"
            " rollout. GET /assignments lists them."
        )
        raise DomainError("assignment-of-another-unit", "invalid", detail)


def check_date_ahead(check_back_on: date, today: date) -> None:
    """Raises DomainError `check-back-date-invalid`."""
    latest = today + _TWO_YEARS
    if not today <= check_back_on <= latest:
        detail = (
            f"{check_back_on} is past, or more than two years away. Choose the day when the unit"
            " looks back, usually in about a month."
        )
        where = [{"pointer": "/check_back_on", "detail": f"Use a date from {today} to {latest}."}]
        raise DomainError("check-back-date-invalid", "invalid", detail, where)


def action_withdrawn(action: Action) -> DomainError:
    """The error for a change of an action that does not count any more."""
    detail = f"Action {action.action_id} was withdrawn and does not change any more."
    return DomainError("action-withdrawn", "conflict", detail)
