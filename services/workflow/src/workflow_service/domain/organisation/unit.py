"""Organisational units: facts and tree. Every change raises the unit's version by one,
and every version is one event, so that a reader can distinguish old news from new."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

KINDS = ("region", "administration", "operation", "unit")
UNIT_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
MAX_NAME_LENGTH = 200
MAX_HEADCOUNT = 100_000


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """What the organisation's own register says about a unit. Headcount is in people."""

    unit_id: str
    name: str
    kind: str
    parent_id: str | None
    headcount: int


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as known here. `version` counts its events.

    `dissolved_on` is the first day without it, `successor_id` the unit that took it over, if one
    did; it then stands below that.
    """

    facts: UnitFacts
    version: int
    dissolved_on: date | None = None
    successor_id: str | None = None

    @property
    def unit_id(self) -> str:
        return self.facts.unit_id


@dataclass(frozen=True, slots=True)
class UnitRegistered:
    """A unit is new in the tree."""

    facts: UnitFacts
    version: int


@dataclass(frozen=True, slots=True)
class UnitChanged:
    """Name, kind, parent or headcount changed, or the unit ended; carries the whole new state."""

    facts: UnitFacts
    version: int
    dissolved_on: date | None = None
    successor_id: str | None = None


UnitEvent = UnitRegistered | UnitChanged


def register(facts: UnitFacts) -> tuple[Unit, UnitRegistered]:
    """A new unit, at version 1."""
    return Unit(facts, version=1), UnitRegistered(facts, version=1)


def change(unit: Unit, facts: UnitFacts) -> tuple[Unit, UnitChanged]:
    """The unit with new facts, one version on."""
    changed = replace(unit, facts=facts, version=unit.version + 1)
    return changed, UnitChanged(facts, changed.version, unit.dissolved_on, unit.successor_id)


def dissolve(unit: Unit, on: date, successor_id: str | None) -> tuple[Unit, UnitChanged]:
    """The unit without people, below its successor if it has one."""
    facts = replace(unit.facts, headcount=0, parent_id=successor_id or unit.facts.parent_id)
    return change(replace(unit, dissolved_on=on, successor_id=successor_id), facts)


def repeat(unit: Unit, newest: int) -> tuple[Unit, UnitChanged]:
    """The unit as it is, for readers of which one has heard of the change `newest`: as the same
    change, or as a newer one if theirs is."""
    version = newest + 1 if newest > unit.version else unit.version
    repeated = replace(unit, version=version)
    return repeated, UnitChanged(unit.facts, version, unit.dissolved_on, unit.successor_id)


class UnitTree:
    """Which unit is below which, to check a file before it is stored."""

    def __init__(self, parents: Iterable[tuple[str, str | None]]) -> None:
        self._parents = dict(parents)
        self._with_children = set(self._parents.values())

    def is_leaf(self, unit_id: str) -> bool:
        return unit_id not in self._with_children

    def cycles(self) -> list[tuple[str, ...]]:
        """Every ring of units that are, directly or not, their own parent."""
        finished: set[str] = set()
        rings: list[tuple[str, ...]] = []
        for start in self._parents:
            trail: dict[str, int] = {}
            current: str | None = start
            while current in self._parents and current not in finished and current not in trail:
                trail[current] = len(trail)
                current = self._parents[current]
            if current in trail:
                rings.append(tuple(trail)[trail[current] :])
            finished.update(trail)
        return rings


def takes_part(unit: Unit, *, leaf: bool) -> bool:
    """Whether the unit can have a journey of its own: people, and no unit below it (a leaf)."""
    return leaf and unit.facts.headcount >= 1 and unit.dissolved_on is None
