"""Reads persons from the rows of a file and reports all faults together, by line and column.

One row is one assignment; rows with the same person_id are one person.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import cast

from people_service.domain.assignment import assignment_faults
from people_service.domain.errors import DomainError
from people_service.domain.fault_text import Detail, FaultText, error_of
from people_service.domain.hsa_id import hsa_id_fault, hsa_id_of
from people_service.domain.person import (
    LANGUAGES,
    PERSON_ID,
    Assignment,
    Language,
    Person,
    address_fault,
    id_fault,
    name_fault,
)
from people_service.domain.phone import e164, phone_fault
from people_service.domain.roles import RoleName

_LISTED = 200  # faults in a response; a person can correct these before the next attempt
_PERSON_ID = FaultText("person-id-form", "An id has 1 to 63 letters a-z, digits, '.', '_' or '-'.")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_OURS: Mapping[str, str] = MappingProxyType({})
COLUMNS = (
    *("person_id", "name", "email", "language", "role", "unit_id"),
    *("valid_from", "valid_to", "phone", "hsa_id"),
)
_DAYS = ("valid_from", "valid_to")
OPTIONAL = (*_DAYS, "phone", "hsa_id")
"""A file may do without these. A phone number or HSA id that it does not give stays as known."""

Row = tuple[int, Mapping[str, str]]
"""The line in the file, and the trimmed values by column."""
Fault = tuple[int, str, Detail]
"""The line, the column or an empty text, and what is wrong."""


def persons_of(
    rows: Iterable[Row], faults: Iterable[Fault], headings: Mapping[str, str] = _OURS
) -> list[Person]:
    """The people in a file. `faults` are those already found in its format; `headings` are what
    the file calls our columns, where it calls them otherwise.

    A file of 100,000 lines takes seconds: call it in a thread.
    Raises DomainError `import-invalid` with the first 200 faults, in line order.
    """
    found = list(faults)
    people: dict[str, Person] = {}
    assigned: dict[str, set[Assignment]] = {}
    first_line: dict[tuple[str, Assignment], int] = {}
    for line, row in rows:
        found += [(line, column, detail) for column, detail in _row_faults(row)]
        person = _person(row)
        (assignment,) = person.assignments
        key = (person.person_id, assignment)
        if key in first_line:
            text = "The row repeats line {line}. Remove one."
            detail = FaultText("row-repeated", text, line=first_line[key])
            found.append((line, "person_id", detail))
        first_line.setdefault(key, line)
        known = people.setdefault(person.person_id, person)
        for field in known.changed_fields(person):
            if field != "assignments":
                text = "Another value than in an earlier row of the same person."
                found.append((line, field, FaultText("value-differs", text)))
        assigned.setdefault(person.person_id, set()).add(assignment)
    if found:
        raise _invalid(found, headings)
    return [replace(p, assignments=frozenset(assigned[p.person_id])) for p in people.values()]


def _row_faults(row: Mapping[str, str]) -> Iterator[tuple[str, FaultText]]:
    if fault := id_fault(row["person_id"], PERSON_ID, _PERSON_ID):
        yield "person_id", fault
    if fault := name_fault(row["name"]):
        yield "name", fault
    if row["email"] and (fault := address_fault(row["email"])):
        yield "email", fault
    if row["language"] not in LANGUAGES:
        languages = ", ".join(LANGUAGES)
        yield "language", FaultText("language-unknown", "Use one of: {choices}.", choices=languages)
    if row["phone"] and (fault := phone_fault(row["phone"])):
        yield "phone", fault
    if row["hsa_id"] and (fault := hsa_id_fault(row["hsa_id"])):
        yield "hsa_id", fault
    yield from _assignment_faults(row)


def _assignment_faults(row: Mapping[str, str]) -> Iterator[tuple[str, FaultText]]:
    days = {column: _day(row[column]) for column in _DAYS}
    unreadable = {column for column, day in days.items() if row[column] and day is None}
    for column, detail in assignment_faults(row["role"], row["unit_id"], **days):
        if column not in unreadable:
            yield column, detail
    for column in _DAYS:
        if column in unreadable:
            yield column, FaultText("day-form", "Write the day as YYYY-MM-DD.")


def _day(text: str) -> date | None:
    """The day, or None if there is none or it is not written as one."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _person(row: Mapping[str, str]) -> Person:
    """The person in a row, whose values `_row_faults` checks: with a fault, none is returned."""
    assignment = Assignment(
        role=cast(RoleName, row["role"]),
        unit_id=row["unit_id"],
        valid_from=_day(row["valid_from"]),
        valid_to=_day(row["valid_to"]),
    )
    return Person(
        person_id=row["person_id"],
        name=row["name"],
        email=row["email"],
        language=cast(Language, row["language"]),
        assignments=frozenset({assignment}),
        phone=e164(row["phone"]) or "",
        hsa_id=hsa_id_of(row["hsa_id"]) or "",
    )


def _invalid(faults: Sequence[Fault], headings: Mapping[str, str]) -> DomainError:
    errors = [
        error_of(line, column, detail, headings.get(column, ""))
        for line, column, detail in sorted(faults, key=lambda fault: fault[0])[:_LISTED]
    ]
    if more := len(faults) - len(errors):
        text = "{count} more are not listed."
        errors.append(error_of(0, "", FaultText("more-not-listed", text, count=more)))
    count = "1 error" if len(faults) == 1 else f"{len(faults)} errors"
    detail = f"The person file has {count}. Nothing was changed."
    return DomainError("import-invalid", "invalid", detail, errors)
