"""Organisational units: facts, tree and manager. Every change raises the unit's version by one,
and every version is one event, so that a reader can distinguish old news from new."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from workflow_service.domain.errors import DomainError

KINDS = ("region", "administration", "operation", "unit")
UNIT_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
# The notification service's rule for recipient ids.
MANAGER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
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
    """A unit as known here. `version` counts its events; `manager_id` is an opaque recipient id."""

    facts: UnitFacts
    manager_id: str | None
    version: int

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
    """Name, kind, parent or headcount changed; carries the whole new state."""

    facts: UnitFacts
    version: int


@dataclass(frozen=True, slots=True)
class UnitManagerAssigned:
    """The unit has a (new) manager; its journey goes on."""

    unit_id: str
    manager_id: str
    version: int


UnitEvent = UnitRegistered | UnitChanged | UnitManagerAssigned


def register(facts: UnitFacts) -> tuple[Unit, UnitRegistered]:
    """A new unit, without a manager, at version 1."""
    return Unit(facts, manager_id=None, version=1), UnitRegistered(facts, version=1)


def change(unit: Unit, facts: UnitFacts) -> tuple[Unit, UnitChanged]:
    """The unit with new facts, one version on."""
    changed = replace(unit, facts=facts, version=unit.version + 1)
    return changed, UnitChanged(facts, changed.version)


def assign_manager(
    unit: Unit, manager_id: str, expected_version: int | None = None
) -> tuple[Unit, UnitManagerAssigned | None]:
    """The unit with this manager; no event if it already has that one.

    Raises DomainError `stale-version` if the unit has moved on from `expected_version`,
    `manager-id-invalid` if the id is not one.
    """
    if not MANAGER_ID.fullmatch(manager_id):
        raise DomainError("manager-id-invalid", "invalid", manager_id_advice(manager_id))
    if expected_version is not None and expected_version != unit.version:
        raise DomainError(
            "stale-version",
            "conflict",
            f"Unit {unit.unit_id} is at version {unit.version}, not {expected_version}; its manager"
            f" is now {unit.manager_id or 'not assigned'}. Read it again, then decide.",
        )
    if unit.manager_id == manager_id:
        return unit, None
    assigned = replace(unit, manager_id=manager_id, version=unit.version + 1)
    return assigned, UnitManagerAssigned(unit.unit_id, manager_id, assigned.version)


def check_spelling(manager_id: str, others: Iterable[str]) -> None:
    """Raises DomainError `manager-id-invalid` for a new id that differs from one of the other
    units' managers only in case."""
    spellings = sorted({each for each in others if each.casefold() == manager_id.casefold()})
    if spellings and manager_id not in spellings:
        detail = (
            f"{manager_id} differs only in case from {spellings[0]}, who manages another unit."
            " Write a person's id the same way everywhere."
        )
        raise DomainError("manager-id-invalid", "invalid", detail)


def manager_id_advice(manager_id: str) -> str:
    """What to say about an id that does not match MANAGER_ID."""
    return (
        f"{manager_id[:40]!r} is not a recipient id: use 1 to 63 letters a-z, digits, '.', '_'"
        " or '-', starting with a letter or digit; no names or addresses."
    )


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
    return leaf and unit.facts.headcount >= 1
