"""What is public, as the auditor reads it, and, in simulations only, what was really answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

Profile = Mapping[str, int | None]
"""One person's score per behaviour, 0-100; None where it is missing."""

Truth = Mapping[str, Mapping[str, Sequence[Profile]]]
"""Release id > unit id > the people who answered there. Known in a simulation only."""


class InputError(Exception):
    """The file is not what the auditor reads; the message says where."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A published value of a unit and all units below it; `path` leads from the root to it.

    `band` is a range of per cent such as `75-89`; `indexes` has a value per behaviour.
    `hidden_because` is a reason that follows from dates and units, never from answers.
    """

    unit_id: str
    path: tuple[str, ...]
    shown: bool
    band: str | None
    indexes: Mapping[str, int | None]
    hidden_because: str | None = None


@dataclass(frozen=True)
class Release:
    """Everything that was published at once, and how many people each asked unit has.

    The units of a group in `groups` are reported together: they have one value, which each of their
    cells repeats, in the place of the first of them that was asked. Units with nothing above them
    in common are reported apart.
    """

    release_id: str
    rollout_id: str
    occasion: str
    closed: tuple[datetime, datetime]
    cells: tuple[Cell, ...]
    headcounts: Mapping[str, int]
    groups: tuple[tuple[str, ...], ...] = ()

    def below(self, node: str) -> frozenset[str]:
        """The asked units whose people are in the value of this unit."""
        return self._below.get(node, frozenset())

    @cached_property
    def _below(self) -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for unit_id, path in self.places.items():
            for node in path:
                found.setdefault(node, set()).add(unit_id)
        return {node: frozenset(units) for node, units in found.items()}

    @cached_property
    def places(self) -> Mapping[str, tuple[str, ...]]:
        """Where in the tree the people of each asked unit are counted."""
        joined = {unit_id: self._paths[one] for unit_id, one in self._firsts.items()}
        return {**self._paths, **joined}

    @cached_property
    def _paths(self) -> Mapping[str, tuple[str, ...]]:
        return {cell.unit_id: cell.path for cell in self.cells if cell.unit_id in self.headcounts}

    @cached_property
    def _firsts(self) -> Mapping[str, str]:
        """The first asked unit of its group, by each other one of it."""
        asked = [[one for one in group if one in self.headcounts] for group in self.groups]
        near = [units for units in asked if len({self._paths[one][:1] for one in units}) == 1]
        return {unit_id: units[0] for units in near for unit_id in units[1:]}

    @cached_property
    def shown(self) -> dict[str, Cell]:
        """The cells that have values, by unit; of a group's cells the first."""
        return {
            cell.unit_id: cell
            for cell in self.cells
            if cell.shown and cell.unit_id not in self._firsts
        }


@dataclass(frozen=True, slots=True)
class Published:
    """All releases, the group size that is promised, and what counts as the same time."""

    k: int
    same_time: timedelta
    releases: tuple[Release, ...]


def read(document: Any) -> Published:
    """From the JSON document that README.md describes. Raises InputError."""
    try:
        return Published(
            int(document["k"]),
            timedelta(days=float(document["same_time_days"])),
            tuple(_release(one) for one in document["releases"]),
        )
    except KeyError as error:
        raise InputError(f"the field {error} is missing") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise InputError(str(error)) from error


def _release(document: Any) -> Release:
    first, last = document["closed"]
    release = Release(
        document["release_id"],
        document["rollout_id"],
        document["occasion"],
        (datetime.fromisoformat(first), datetime.fromisoformat(last)),
        tuple(_cell(one) for one in document["cells"]),
        {unit: int(people) for unit, people in document["headcounts"].items()},
        tuple(tuple(group) for group in document.get("groups", ())),
    )
    without = release.headcounts.keys() - {cell.unit_id for cell in release.cells}
    if without:
        raise InputError(f"release {release.release_id} has no cell for {sorted(without)[0]}")
    return release


def _cell(document: Any) -> Cell:
    return Cell(
        document["unit_id"],
        tuple(document["path"]),
        bool(document["shown"]),
        document.get("band"),
        dict(document.get("indexes") or {}),
        document.get("hidden_because"),
    )
