"""Evidence can be wrong: meetings, actions and check-backs are corrected or withdrawn.

What a record was before is kept as a `Change`. A record that is withdrawn never changes again.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from content_service.domain import practice
from content_service.domain.assignment import Assignment
from content_service.domain.errors import DomainError
from content_service.domain.practice import Action, Meeting
from content_service.domain.unit import Unit

ChangeKind = Literal[
    "meeting_corrected",
    "meeting_withdrawn",
    "action_corrected",
    "action_withdrawn",
    "check_back_withdrawn",
]


@dataclass(frozen=True, slots=True)
class Change:
    """What was done to a record, why, and how the record was before."""

    change_id: UUID
    kind: ChangeKind
    reason: str
    before: Meeting | Action
    changed_at: datetime

    @property
    def record_id(self) -> UUID:
        before = self.before
        return before.meeting_id if isinstance(before, Meeting) else before.action_id


@dataclass(frozen=True, slots=True)
class MeetingCorrected:
    """The record of a meeting was wrong; it still counts."""

    meeting: Meeting


@dataclass(frozen=True, slots=True)
class MeetingWithdrawn:
    """The record of a meeting does not count any more."""

    meeting: Meeting


@dataclass(frozen=True, slots=True)
class ActionCorrected:
    """The record of an action was wrong; it still counts."""

    action: Action


@dataclass(frozen=True, slots=True)
class ActionWithdrawn:
    """The action and its outcome do not count any more."""

    action: Action


@dataclass(frozen=True, slots=True)
class CheckBackWithdrawn:
    """The action's outcome does not count any more; the action does."""

    action: Action


def correct_meeting(
    before: Meeting, after: Meeting, module: Assignment | None, unit: Unit | None, today: date
) -> MeetingCorrected:
    """Return the event, if what changes is plausible.

    Raises DomainError `meeting-withdrawn`, `nothing-to-correct`, or what recording it raises.
    """
    _check_counts(before)
    if after == before:
        raise _nothing_to_correct()
    if after.held_on != before.held_on:
        practice.check_held_on(after.held_on, today)
    if after.headcount != before.headcount:
        practice.check_headcount(after.headcount, unit)
    practice.check_assignment(after, module)
    return MeetingCorrected(after)


def withdraw_meeting(meeting: Meeting, at: datetime) -> tuple[Meeting, MeetingWithdrawn]:
    """Return the withdrawn record. Raises DomainError `meeting-withdrawn`."""
    _check_counts(meeting)
    withdrawn = replace(meeting, withdrawn_at=at)
    return withdrawn, MeetingWithdrawn(withdrawn)


def correct_action(before: Action, after: Action, today: date) -> ActionCorrected:
    """Return the event, if what changes is plausible.

    Raises DomainError `action-withdrawn`, `nothing-to-correct`, `check-back-date-invalid`, or
    `already-checked-back` if the date of an action with an outcome would move.
    """
    if before.withdrawn_at is not None:
        raise practice.action_withdrawn(before)
    if after == before:
        raise _nothing_to_correct()
    if after.check_back_on != before.check_back_on:
        if before.outcome is not None:
            detail = "The unit has looked back already. Withdraw the check-back first."
            raise DomainError("already-checked-back", "conflict", detail)
        practice.check_date_ahead(after.check_back_on, today)
    return ActionCorrected(after)


def withdraw_action(action: Action, at: datetime) -> tuple[Action, ActionWithdrawn]:
    """Return the withdrawn action. Raises DomainError `action-withdrawn`."""
    if action.withdrawn_at is not None:
        raise practice.action_withdrawn(action)
    withdrawn = replace(action, withdrawn_at=at)
    return withdrawn, ActionWithdrawn(withdrawn)


def withdraw_check_back(action: Action) -> tuple[Action, CheckBackWithdrawn]:
    """Return the action without its outcome.

    Raises DomainError `action-withdrawn` or `not-checked-back`.
    """
    if action.withdrawn_at is not None:
        raise practice.action_withdrawn(action)
    if action.outcome is None:
        detail = f"Action {action.action_id} has no check-back that could be withdrawn."
        raise DomainError("not-checked-back", "conflict", detail)
    before_it = replace(action, outcome=None, note=None)
    return before_it, CheckBackWithdrawn(before_it)


def _check_counts(meeting: Meeting) -> None:
    if meeting.withdrawn_at is not None:
        detail = f"Meeting {meeting.meeting_id} was withdrawn and does not change any more."
        raise DomainError("meeting-withdrawn", "conflict", detail)


def _nothing_to_correct() -> DomainError:
    detail = "The record has these values already. Send those that are right."
    return DomainError("nothing-to-correct", "conflict", detail)
