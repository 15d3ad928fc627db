"""The sample organisation: units and the people assigned to them, read from and written to CSV.

The columns are those of the platform's own imports, so the demo posts these files as they are.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "data"
PILOTS = ("e-tjanster", "dagoperation-koping", "rehabenheten", "hjartmottagningen")
REGION = "regionen"
ADMINISTRATORS = ("administrator", "second-administrator")


@dataclass(frozen=True)
class Unit:
    """One row of units.csv; a unit takes part when its headcount is at least 1."""

    unit_id: str
    name: str
    kind: str
    parent_id: str
    headcount: int


@dataclass(frozen=True)
class Person:
    """One row of persons.csv: a person's assignment. A person may have several rows."""

    person_id: str
    name: str
    email: str
    language: str
    role: str
    unit_id: str


def leaves(units: Iterable[Unit]) -> list[Unit]:
    """The units that take part, in the order of the file."""
    return [unit for unit in units if unit.headcount]


def read_units(path: Path) -> list[Unit]:
    """Read units; raises OSError, or KeyError/ValueError for a file that is not units.csv."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Unit(**{**row, "headcount": int(row["headcount"])})  # type: ignore[arg-type]
            for row in csv.DictReader(file)
        ]


def read_persons(path: Path) -> list[Person]:
    """Read assignments; raises OSError, or TypeError for a file that is not persons.csv."""
    with path.open(encoding="utf-8", newline="") as file:
        return [Person(**row) for row in csv.DictReader(file)]


def as_csv(rows: Sequence[Unit] | Sequence[Person]) -> str:
    """The rows with a header line, as the imports take them."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(field.name for field in fields(rows[0]))
    writer.writerows(astuple(row) for row in rows)
    return text.getvalue()
