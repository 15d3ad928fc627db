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
    """Everything that was published at once, and how many people each asked unit has."""

    release_id: str
    rollout_id: str
    occasion: str
    closed: tuple[datetime, datetime]
    cells: tuple[Cell, ...]
    headcounts: Mapping[str, int]

    def below(self, node: str) -> frozenset[str]:
        """The asked units whose people are in the value of this unit."""
        return self._below.get(node, frozenset())

    @cached_property
    def _below(self) -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for cell in self.cells:
            if cell.unit_id in self.headcounts:
                for node in cell.path:
                    found.setdefault(node, set()).add(cell.unit_id)
        return {node: frozenset(units) for node, units in found.items()}

    @cached_property
    def shown(self) -> dict[str, Cell]:
        """The cells that have values, by unit."""
        return {cell.unit_id: cell for cell in self.cells if cell.shown}


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
