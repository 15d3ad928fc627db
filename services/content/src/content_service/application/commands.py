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
    """Put the newest published version of each module on each unit's plan."""

    rollout_id: UUID
    unit_ids: tuple[str, ...]
    module_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetItemStatus:
    """Set a unit's progress with one item."""

    assignment_id: UUID
    item_id: str
    status: ItemStatus
    reason: str | None


@dataclass(frozen=True, slots=True)
class HoldMeeting:
    """Record a meeting that took place."""

    rollout_id: UUID
    unit_id: str
    assignment_id: UUID | None
    variant: Variant
    held_on: date
    headcount: int


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
