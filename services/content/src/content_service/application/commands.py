"""The commands of this service. Inputs are parsed and the caller's role is checked; the use cases
check the rules and the unit scope."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from content_service.domain.assignment import ItemStatus
from content_service.domain.module import Behaviour, Variant
from content_service.domain.practice import CheckBackOutcome


@dataclass(frozen=True, slots=True)
class AssignModules:
    """Put the newest published version of each module on each unit's plan.

    Another service may ask before the events that announce a rollout or unit have arrived here.
    """

    rollout_id: UUID
    unit_ids: tuple[str, ...]
    module_ids: tuple[str, ...]
    by_service: bool = False


@dataclass(frozen=True, slots=True)
class SetItemStatus:
    """Set a unit's progress with one item."""

    assignment_id: UUID
    item_id: str
    status: ItemStatus
    reason: str | None


@dataclass(frozen=True, slots=True)
class HoldMeeting:
    """Record a meeting that took place; `on_paper` as its manager noted it on paper."""

    rollout_id: UUID
    unit_id: str
    assignment_id: UUID | None
    variant: Variant
    held_on: date
    headcount: int
    on_paper: bool = False


@dataclass(frozen=True, slots=True)
class ChooseAction:
    """Record what the unit will practise, and when it looks back."""

    rollout_id: UUID
    unit_id: str
    behaviour: Behaviour
    text: str
    check_back_on: date


@dataclass(frozen=True, slots=True)
class CheckBack:
    """Record how a chosen action went."""

    action_id: UUID
    outcome: CheckBackOutcome
    note: str | None


@dataclass(frozen=True, slots=True)
class CorrectMeeting:
    """Replace what is recorded about a meeting."""

    meeting_id: UUID
    assignment_id: UUID | None
    variant: Variant
    held_on: date
    headcount: int
    reason: str


@dataclass(frozen=True, slots=True)
class WithdrawMeeting:
    """Let the record of a meeting count no more."""

    meeting_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class CorrectAction:
    """Replace what is recorded about a chosen action."""

    action_id: UUID
    behaviour: Behaviour
    text: str
    check_back_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class WithdrawAction:
    """Let a chosen action count no more."""

    action_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class WithdrawCheckBack:
    """Let the outcome of an action count no more."""

    action_id: UUID
    reason: str
