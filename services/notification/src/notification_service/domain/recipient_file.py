"""Reads recipients from the rows of a file and reports all faults together, by line and column.

One row is one assignment; rows with the same recipient_id are one person.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import cast

from notification_service.domain.errors import DomainError
from notification_service.domain.recipient import (
    LANGUAGES,
    RECIPIENT_ID,
    ROLES,
    UNIT_ID,
    Assignment,
    Language,
    Recipient,
    Role,
    address_fault,
    id_fault,
    name_fault,
)

_LISTED = 200  # faults in a response; a person can correct these before the next attempt
_RECIPIENT_ID = "An id has 1 to 63 letters a-z, digits, '.', '_' or '-'."
_UNIT_ID = "A unit id has 1 to 63 characters a-z, 0-9 or '-'."
_OURS: Mapping[str, str] = MappingProxyType({})
COLUMNS = ("recipient_id", "name", "email", "language", "role", "unit_id")

Row = tuple[int, Mapping[str, str]]
"""The line in the file, and the trimmed values by column."""
Fault = tuple[int, str, str]
"""The line, the column or an empty text, and a description."""


def recipients_of(
    rows: Iterable[Row], faults: Iterable[Fault], headings: Mapping[str, str] = _OURS
) -> list[Recipient]:
    """The people in a file. `faults` are those already found in its format; `headings` are what
    the file calls our columns, where it calls them otherwise.

    A file of 100,000 lines takes seconds: call it in a thread.
    Raises DomainError `import-invalid` with the first 200 faults, in line order.
    """
    found = list(faults)
    people: dict[str, Recipient] = {}
    assigned: dict[str, set[Assignment]] = {}
    first_line: dict[tuple[str, Assignment], int] = {}
    for line, row in rows:
        found += [(line, column, detail) for column, detail in _row_faults(row)]
        person = _person(row)
        (assignment,) = person.assignments
        key = (person.recipient_id, assignment)
        if key in first_line:
            detail = f"The row repeats line {first_line[key]}. Remove one."
            found.append((line, "recipient_id", detail))
        first_line.setdefault(key, line)
        known = people.setdefault(person.recipient_id, person)
        for field in known.changed_fields(person):
            if field != "assignments":
                detail = "Another value than in an earlier row of the same recipient."
                found.append((line, field, detail))
        assigned.setdefault(person.recipient_id, set()).add(assignment)
    if found:
        raise _invalid(found, headings)
    return [replace(p, assignments=frozenset(assigned[p.recipient_id])) for p in people.values()]


def _row_faults(row: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if fault := id_fault(row["recipient_id"], RECIPIENT_ID, _RECIPIENT_ID):
        yield "recipient_id", fault
    if fault := name_fault(row["name"]):
        yield "name", fault
    if fault := address_fault(row["email"]):
        yield "email", fault
    if row["language"] not in LANGUAGES:
        yield "language", f"Use one of: {', '.join(LANGUAGES)}."
    if row["role"] not in ROLES:
        yield "role", f"Use one of: {', '.join(ROLES)}."
    elif row["role"] == "administrator" and row["unit_id"]:
        yield "unit_id", "An administrator is responsible for all units: leave it empty."
    elif row["role"] != "administrator" and (fault := id_fault(row["unit_id"], UNIT_ID, _UNIT_ID)):
        yield "unit_id", fault


def _person(row: Mapping[str, str]) -> Recipient:
    """The person in a row, whose values `_row_faults` checks: with a fault, none is returned."""
    return Recipient(
        recipient_id=row["recipient_id"],
        name=row["name"],
        email=row["email"],
        language=cast(Language, row["language"]),
        assignments=frozenset({Assignment(cast(Role, row["role"]), row["unit_id"])}),
    )


def _invalid(faults: Sequence[Fault], headings: Mapping[str, str]) -> DomainError:
    named = {
        column: f" In the file, the column is {heading[:70]!r}."
        for column, heading in headings.items()
    }
    errors = [
        {
            "pointer": f"/rows/{line}/{column}".rstrip("/"),
            "detail": detail + named.get(column, ""),
        }
        for line, column, detail in sorted(faults, key=lambda fault: fault[0])[:_LISTED]
    ]
    if len(faults) > _LISTED:
        detail = f"{len(faults) - _LISTED} more are not listed."
        errors.append({"pointer": "/rows", "detail": detail})
    count = "1 error" if len(faults) == 1 else f"{len(faults)} errors"
    detail = f"The recipient file has {count}. Nothing was changed."
    return DomainError("import-invalid", "invalid", detail, errors)
