"""Assignments: one published module version on one unit's plan, and the unit's progress.

The completed event happens once, when the last item is done or waived; after that nothing changes.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from content_service.domain.errors import DomainError

_NAMESPACE = uuid5(NAMESPACE_URL, "https://um-platform.example.se/content")

ItemStatus = Literal["not_started", "started", "done", "waived"]
_FINISHED = ("done", "waived")


@dataclass(frozen=True, slots=True)
class ItemProgress:
    """A unit's progress with one item. Only a waived item has a reason."""

    item_id: str
    status: ItemStatus = "not_started"
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """A module version on a unit's plan; the version stays when newer ones are published."""

    assignment_id: UUID
    rollout_id: UUID
    unit_id: str
    module_id: str
    module_version: int
    items: tuple[ItemProgress, ...]

    @property
    def items_finished(self) -> int:
        return sum(item.status in _FINISHED for item in self.items)

    @property
    def completed(self) -> bool:
        return self.items_finished == len(self.items)


@dataclass(frozen=True, slots=True)
class AssignmentCreated:
    """The module is on the unit's plan."""

    assignment: Assignment


@dataclass(frozen=True, slots=True)
class AssignmentCompleted:
    """Every item is done or waived."""

    assignment: Assignment


def assignment_id(rollout_id: UUID, unit_id: str, module_id: str) -> UUID:
    """The id of the one assignment of a module to a unit in a rollout."""
    return uuid5(_NAMESPACE, f"{rollout_id}|{unit_id}|{module_id}")


def assign(
    rollout_id: UUID, unit_id: str, module_id: str, module_version: int, item_ids: Iterable[str]
) -> Assignment:
    """Return a new assignment with nothing started."""
    return Assignment(
        assignment_id=assignment_id(rollout_id, unit_id, module_id),
        rollout_id=rollout_id,
        unit_id=unit_id,
        module_id=module_id,
        module_version=module_version,
        items=tuple(ItemProgress(item_id) for item_id in item_ids),
    )


def set_item_status(
    assignment: Assignment, item_id: str, status: ItemStatus, reason: str | None
) -> tuple[Assignment, AssignmentCompleted | None]:
    """Return the assignment with one item's new status, and the event if that completed it.

    Raises DomainError `item-unknown`, `waiver-reason-missing`, `reason-without-waiver` or
    `assignment-completed`. Setting the same status again changes nothing.
    """
    progress = ItemProgress(item_id, status, reason)
    current = next((item for item in assignment.items if item.item_id == item_id), None)
    if current is None:
        known = ", ".join(item.item_id for item in assignment.items)
        detail = f"The module has no item {item_id[:70]!r}. Its items: {known}."
        raise DomainError("item-unknown", "not_found", detail)
    if status == "waived" and not (reason and reason.strip()):
        detail = "Explain in `reason` why the unit leaves this item out."
        raise DomainError("waiver-reason-missing", "invalid", detail)
    if status != "waived" and reason is not None:
        detail = "Only a waived item has a reason. Leave `reason` out."
        raise DomainError("reason-without-waiver", "invalid", detail)
    if current == progress:
        return assignment, None
    if assignment.completed:
        detail = "Every item is done or waived; a completed module does not change any more."
        raise DomainError("assignment-completed", "conflict", detail)
    items = tuple(progress if item.item_id == item_id else item for item in assignment.items)
    changed = replace(assignment, items=items)
    return changed, AssignmentCompleted(changed) if changed.completed else None
