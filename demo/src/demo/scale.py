"""`python -m demo.scale --units N`: write the sample organisation with N units and its people.

Deterministic: the same N gives the same files. The committed files are those of N = 40.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from demo.organisation import (
    ADMINISTRATORS,
    DATA,
    Person,
    Unit,
    as_csv,
    leaves,
    read_units,
)

SMALLEST, LARGEST = 8, 1000
_UNITS_PER_OPERATION = 10
_SHARED_EVERY = 40  # every 40th employee also works in the next unit
_ENGLISH_EVERY = 12
_HEADCOUNTS = (14, 22, 9, 31, 17, 12, 26, 7, 19, 40)


def scaled(units: list[Unit], count: int) -> list[Unit]:
    """The organisation with `count` units that take part: cut short, or with sample units added.

    Raises ValueError when `count` is out of range.
    """
    if not SMALLEST <= count <= LARGEST:
        raise ValueError(f"--units {count}: choose a number from {SMALLEST} to {LARGEST}")
    kept = leaves(units)[:count]
    extra_numbers = range(len(kept) + 1, count + 1)
    extra = [
        Unit(
            unit_id=f"exempelenhet-{number:04d}",
            name=f"Exempelenhet {number:04d}",
            kind="unit",
            parent_id=_extra_operation(number).unit_id,
            headcount=_HEADCOUNTS[number % len(_HEADCOUNTS)],
        )
        for number in extra_numbers
    ]
    operations = {_extra_operation(number): None for number in extra_numbers}
    inner = [unit for unit in units if not unit.headcount]
    return [*_without_empty([*inner, *operations], [*kept, *extra]), *kept, *extra]


def _extra_operation(number: int) -> Unit:
    index = (number - 1) // _UNITS_PER_OPERATION
    return Unit(
        f"exempelverksamhet-{index:03d}",
        f"Exempelverksamhet {index:03d}",
        "operation",
        ("sjukhus", "primarvard", "service-och-trafik")[index % 3],
        0,
    )


def _without_empty(inner: list[Unit], members: list[Unit]) -> list[Unit]:
    """The inner units that have a unit that takes part somewhere below them."""
    parent = {unit.unit_id: unit.parent_id for unit in [*inner, *members]}
    used: set[str] = set()
    for unit in members:
        above = unit.parent_id
        while above:
            used.add(above)
            above = parent[above]
    return [unit for unit in inner if unit.unit_id in used]


def people(units: list[Unit]) -> list[Person]:
    """Two administrators, a manager per unit, and as many employees as each unit's headcount."""
    rows = [
        _person(number, "administrator", "", identity)
        for number, identity in enumerate(ADMINISTRATORS, 1)
    ]
    members = leaves(units)
    rows += [
        _person(number, "manager", unit.unit_id, f"person-{number:04d}")
        for number, unit in enumerate(members, len(rows) + 1)
    ]
    number = len(rows)
    shared: Person | None = None
    for unit in members:
        newcomers = unit.headcount - (1 if shared else 0)
        if shared:
            rows.append(replace(shared, unit_id=unit.unit_id))
        shared = None
        for _ in range(newcomers):
            number += 1
            rows.append(_person(number, "employee", unit.unit_id, f"person-{number:04d}"))
            if number % _SHARED_EVERY == 0 and unit is not members[-1]:
                shared = rows[-1]
    return rows


def _person(number: int, role: str, unit_id: str, identity: str) -> Person:
    language = "en" if number % _ENGLISH_EVERY == 0 else "sv"
    name = f"Exempelperson {number:04d}"
    return Person(identity, name, f"exempelperson-{number:04d}@example.se", language, role, unit_id)


def write(directory: Path, count: int) -> tuple[Path, Path]:
    """Write units.csv and persons.csv for `count` units; returns their paths."""
    units = scaled(read_units(DATA / "units.csv"), count)
    directory.mkdir(parents=True, exist_ok=True)
    targets = (directory / "units.csv", directory / "persons.csv")
    targets[0].write_text(as_csv(units), encoding="utf-8")
    targets[1].write_text(as_csv(people(units)), encoding="utf-8")
    return targets


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m demo.scale", description=__doc__)
    parser.add_argument("--units", type=int, default=40, help="units that take part (default 40)")
    parser.add_argument("--out", type=Path, default=DATA, help="directory (default demo/data)")
    arguments = parser.parse_args()
    try:
        for path in write(arguments.out, arguments.units):
            print(path)
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
