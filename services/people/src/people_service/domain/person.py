"""Who somebody is, and what for: persons and their assignments.

This is the platform's only contact data. An assignment for the whole region has the empty text as
its unit, not NULL, because the unit is part of a unique key.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from people_service.domain.roles import RoleName

Language = Literal["sv", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

PERSON_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
UNIT_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
# Deliberately stricter than RFC 5322: no quoting, comments or non-ASCII, and nothing that could end
# a header or an SMTP command.
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])"
)


NULL_WORDS = frozenset({"null", "none", "nil", "n/a", "na", "#n/a", "-", "--", "saknas", "okänd"})
"""What spreadsheets and other systems write where there is no value; servicekit has the same."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """A role for a unit, from one day to another. Both days are included; None is without limit."""

    role: RoleName
    unit_id: str
    valid_from: date | None = None
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it holds on a day, in Sweden's calendar."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)

    def __lt__(self, other: "Assignment") -> bool:
        """By role, unit and days; no limit comes first."""
        return self._order < other._order

    @property
    def _order(self) -> tuple[str, str, date, date]:
        first, last = self.valid_from or date.min, self.valid_to or date.min
        return self.role, self.unit_id, first, last


@dataclass(frozen=True, slots=True)
class Person:
    """`person_id` is the id in the region's own systems, as imports give it."""

    person_id: str
    name: str
    email: str
    language: Language
    assignments: frozenset[Assignment]

    @property
    def units(self) -> frozenset[str]:
        """The units of the assignments."""
        return frozenset(one.unit_id for one in self.assignments if one.unit_id)

    def changed_fields(self, other: "Person") -> list[str]:
        """The names of the fields in which the two differ."""
        fields = ("name", "email", "language", "assignments")
        return [name for name in fields if getattr(self, name) != getattr(other, name)]


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import would do. Persons that the file lacks are listed, but never removed."""

    added: tuple[Person, ...]
    changed: tuple[tuple[Person, tuple[str, ...]], ...]
    unchanged: int
    absent: tuple[str, ...]


def plan_import(known: Mapping[str, Person], wanted: Iterable[Person]) -> ImportPlan:
    """Compare the file with what is stored; both keyed by person id."""
    added, changed, seen = [], [], set()
    for person in wanted:
        seen.add(person.person_id)
        before = known.get(person.person_id)
        if before is None:
            added.append(person)
        elif fields := before.changed_fields(person):
            changed.append((person, tuple(fields)))
    return ImportPlan(
        added=tuple(added),
        changed=tuple(changed),
        unchanged=len(seen) - len(added) - len(changed),
        absent=tuple(sorted(known.keys() - seen)),
    )


def address_fault(email: str) -> str | None:
    """Why this mail address cannot be used, or None."""
    if len(email) > 254 or len(email.partition("@")[0]) > 64:
        return "The address is too long."
    if not email.isascii():
        return "Letters outside a-z are not supported in an address."
    if not _ADDRESS.fullmatch(email):
        return "This is not a mail address of the form name@organisation.se."
    return None


def id_fault(value: str, form: re.Pattern[str], described: str) -> str | None:
    """Why this id cannot be used, or None. `described` is the form in words."""
    if value.strip().casefold() in NULL_WORDS:
        return f"{value.strip()!r} means that there is no value. Give the id, or leave the row out."
    return None if form.fullmatch(value) else described


def name_fault(name: str) -> str | None:
    """Why this name cannot be used, or None."""
    if not 1 <= len(name) <= 200:
        return "A name has 1 to 200 characters."
    if not name.isprintable():
        return "The name contains a control character or a line break."
    return None
