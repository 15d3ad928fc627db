"""Planned changes of the organisation, each with the day it takes effect.

A unit that is dissolved stays where it stood in the tree, with its history. One that is merged
stands below the unit that takes it over, so that whoever leads that unit sees its history; this
holds in every service, because all of them decide by the tree of today. Neither counts as a unit
below another, and neither takes part in anything any more.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from workflow_service.domain.errors import DomainError
from workflow_service.domain.organisation import unit as units
from workflow_service.domain.organisation.unit import Unit, UnitEvent, UnitFacts

LONGEST_AFTERWARDS = timedelta(days=14)
LONGEST_AHEAD = timedelta(days=2 * 366)
MAX_MERGED = 50
Status = Literal["planned", "applied", "refused", "cancelled"]


@dataclass(frozen=True, slots=True)
class Move:
    """The unit, with all below it, comes below another. Its journey goes on."""

    unit_id: str
    parent_id: str
    kind: Literal["move"] = "move"


@dataclass(frozen=True, slots=True)
class Rename:
    unit_id: str
    name: str
    kind: Literal["rename"] = "rename"


@dataclass(frozen=True, slots=True)
class Dissolve:
    """The unit ends, and so does its journey."""

    unit_id: str
    kind: Literal["dissolve"] = "dissolve"


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A unit that begins with the change: `kind` and parent are those of the unit it comes from."""

    unit_id: str
    name: str
    headcount: int


@dataclass(frozen=True, slots=True)
class Merge:
    """Units end in another, whose journey goes on. `new_name` is given if that begins with it."""

    unit_ids: tuple[str, ...]
    into: str
    new_name: str | None = None
    kind: Literal["merge"] = "merge"


@dataclass(frozen=True, slots=True)
class Split:
    """Units begin beside the one they come from, which keeps its id and its journey."""

    unit_id: str
    new_units: tuple[NewUnit, ...]
    kind: Literal["split"] = "split"


Change = Move | Rename | Dissolve | Merge | Split


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """A change with its day. `refusal` is why it could not be applied when the day came."""

    change_id: UUID
    change: Change
    effective_on: date
    reason: str
    by: str
    created_at: datetime
    status: Status = "planned"
    settled_at: datetime | None = None
    refusal: str | None = None

    def settled(
        self, status: Literal["applied", "refused", "cancelled"], at: datetime, refusal: str = ""
    ) -> "PlannedChange":
        """Raises DomainError `unit-change-settled`."""
        if self.status != "planned":
            detail = f"The change is {self.status}; only a planned one can be cancelled."
            raise DomainError("unit-change-settled", "conflict", detail)
        return replace(self, status=status, settled_at=at, refusal=refusal or None)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a change does: the units and events to store, and which units' journeys end and why."""

    units: tuple[Unit, ...]
    events: tuple[UnitEvent, ...]
    ending: Mapping[str, str]


def check_day(effective_on: date, today: date) -> None:
    """Raises DomainError `unit-change-day`: a change takes effect today, later or just before."""
    first, last = today - LONGEST_AFTERWARDS, today + LONGEST_AHEAD
    if not first <= effective_on <= last:
        detail = f"{effective_on} is not possible: choose a day from {first} to {last}."
        error = {"pointer": "/effective_on", "detail": detail}
        raise DomainError("unit-change-day", "invalid", detail, [error])


def outcome(
    planned: PlannedChange, known: Mapping[str, Unit], under_way: Iterable[str] = ()
) -> Outcome:
    """What the change does to the units as they are. `under_way` have a journey that has not ended.

    Raises DomainError `unit-change-impossible` naming the field and the reason.
    """
    tree = _Tree(known, frozenset(under_way))
    match planned.change:
        case Move(unit_id, parent_id):
            unit = tree.living(unit_id, "/change/unit_id")
            tree.check_parent(parent_id, "/change/parent_id", below=unit_id)
            return _changed(units.change(unit, replace(unit.facts, parent_id=parent_id)))
        case Rename(unit_id, name):
            unit = tree.living(unit_id, "/change/unit_id")
            return _changed(units.change(unit, replace(unit.facts, name=name)))
        case Dissolve(unit_id):
            unit = tree.childless(unit_id, "/change/unit_id")
            gone = units.dissolve(unit, planned.effective_on, None)
            return _changed(gone, ending={unit_id: f"Dissolved: {planned.reason}"})
        case Merge():
            return _merged(planned.change, planned, tree)
        case Split(unit_id, new_units):
            unit = tree.living(unit_id, "/change/unit_id")
            begun = [
                tree.begun(each, unit.facts, f"/change/new_units/{index}/unit_id")
                for index, each in enumerate(new_units)
            ]
            rest = max(unit.facts.headcount - sum(each.headcount for each in new_units), 0)
            kept = units.change(unit, replace(unit.facts, headcount=max(rest, 1)))
            return _changed(kept, *(units.register(facts) for facts in begun))


def _merged(change: Merge, planned: PlannedChange, tree: "_Tree") -> Outcome:
    sources = [
        tree.childless(unit_id, f"/change/unit_ids/{index}")
        for index, unit_id in enumerate(change.unit_ids)
    ]
    if len({*change.unit_ids, change.into}) <= len(change.unit_ids):
        raise _impossible("/change/unit_ids", "Name each unit once, and not the one they end in.")
    people = sum(unit.facts.headcount for unit in sources)
    if change.new_name is None:
        receiver = tree.living(change.into, "/change/into")
        facts = replace(receiver.facts, headcount=receiver.facts.headcount + people)
        changed: tuple[Unit, UnitEvent] = units.change(receiver, facts)
    else:
        new = NewUnit(change.into, change.new_name, people)
        changed = units.register(tree.begun(new, sources[0].facts, "/change/into"))
    gone = [units.dissolve(unit, planned.effective_on, change.into) for unit in sources]
    ending = {unit.unit_id: f"Merged into {change.into}: {planned.reason}" for unit in sources}
    return _changed(changed, *gone, ending=ending)


def _changed(*changed: tuple[Unit, UnitEvent], ending: Mapping[str, str] | None = None) -> Outcome:
    return Outcome(
        tuple(unit for unit, _ in changed), tuple(event for _, event in changed), ending or {}
    )


class _Tree:
    """Looks units up; raises DomainError `unit-change-impossible` where one does not fit."""

    def __init__(self, known: Mapping[str, Unit], under_way: frozenset[str]) -> None:
        self._known, self._under_way = known, under_way

    def living(self, unit_id: str, pointer: str) -> Unit:
        unit = self._known.get(unit_id)
        if unit is None:
            raise _impossible(pointer, f"There is no unit {unit_id}.")
        if unit.dissolved_on is not None:
            raise _impossible(pointer, f"Unit {unit_id} was dissolved on {unit.dissolved_on}.")
        return unit

    def childless(self, unit_id: str, pointer: str) -> Unit:
        unit = self.living(unit_id, pointer)
        below = [
            each.unit_id
            for each in self._known.values()
            if each.facts.parent_id == unit_id and each.dissolved_on is None
        ]
        if below:
            some = ", ".join(sorted(below)[:5])
            detail = f"Unit {unit_id} has units below it ({some}). Move or end them first."
            raise _impossible(pointer, detail)
        return unit

    def check_parent(self, parent_id: str, pointer: str, below: str) -> None:
        parent = self.living(parent_id, pointer)
        if parent_id in self._under_way:
            detail = f"Unit {parent_id} has a journey under way, so no unit can be put below it."
            raise _impossible(pointer, detail)
        while True:
            if parent.unit_id == below:
                raise _impossible(pointer, f"Unit {parent_id} is {below} itself or below it.")
            if parent.facts.parent_id is None:
                return
            parent = self._known[parent.facts.parent_id]

    def begun(self, new: NewUnit, beside: UnitFacts, pointer: str) -> UnitFacts:
        if new.unit_id in self._known:
            raise _impossible(pointer, f"There is a unit {new.unit_id} already.")
        return UnitFacts(new.unit_id, new.name, beside.kind, beside.parent_id, new.headcount)


def _impossible(pointer: str, detail: str) -> DomainError:
    error = {"pointer": pointer, "detail": detail}
    return DomainError("unit-change-impossible", "conflict", detail, [error])
