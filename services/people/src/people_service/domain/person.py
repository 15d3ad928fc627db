"""Who somebody is, and what for: persons and their assignments.

This is the platform's only contact data. An assignment for the whole region has the empty text as
its unit, not NULL, because the unit is part of a unique key.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal, get_args
from uuid import UUID

from people_service.domain.fault_text import FaultText
from people_service.domain.roles import RoleName

Language = Literal["sv", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
Source = Literal["import", "scim", "hand", "delegation"]
"""Where an assignment comes from. A source adds, changes and removes its own assignments only."""

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
    """A role for a unit, from one day to another. Both days are included; None is without limit.

    `standing_for` is the account in whose place it is held. One that nobody known has given does
    not count, and is the same assignment as when it does.
    """

    role: RoleName
    unit_id: str
    valid_from: date | None = None
    valid_to: date | None = None
    source: Source = "import"
    standing_for: UUID | None = None
    counts: bool = field(default=True, compare=False)

    def holds_on(self, day: date) -> bool:
        """Whether it counts and holds on a day, in Sweden's calendar."""
        begun = self.valid_from is None or self.valid_from <= day
        return self.counts and begun and (self.valid_to is None or day <= self.valid_to)

    def is_over(self, day: date) -> bool:
        """Whether it ended before a day."""
        return self.valid_to is not None and self.valid_to < day

    def __lt__(self, other: "Assignment") -> bool:
        """By role, unit, days and source; no limit comes first."""
        return self._order < other._order

    @property
    def _order(self) -> tuple[str, str, date, date, str]:
        first, last = self.valid_from or date.min, self.valid_to or date.min
        return self.role, self.unit_id, first, last, self.source


@dataclass(frozen=True, slots=True)
class Person:
    """`person_id` is the id in the region's own systems, as imports give it.

    `email`, `phone` and `hsa_id` are the empty text for somebody without one. `phone` is as E.164
    has it, `hsa_id` of upper-case letters and nobody else's.
    """

    person_id: str
    name: str
    email: str
    language: Language
    assignments: frozenset[Assignment]
    phone: str = ""
    hsa_id: str = ""

    def units_from(self, day: date) -> frozenset[str]:
        """The units of the assignments that are not over on a day."""
        left = (one for one in self.assignments if not one.is_over(day))
        return frozenset(one.unit_id for one in left if one.unit_id)

    def employed_in(self, day: date) -> frozenset[str]:
        """The units whose employee the person is on a day."""
        held = (one for one in self.assignments if one.role == "employee" and one.holds_on(day))
        return frozenset(one.unit_id for one in held)

    def as_from(self, source: Source) -> "Person":
        """The person with the assignments of one source only."""
        kept = frozenset(one for one in self.assignments if one.source == source)
        return replace(self, assignments=kept)

    def changed_fields(self, other: "Person") -> list[str]:
        """The names of the fields in which the two differ."""
        fields = ("name", "email", "language", "phone", "hsa_id", "assignments")
        return [name for name in fields if getattr(self, name) != getattr(other, name)]

    def completed_by(self, known: "Person | None") -> "Person":
        """With the phone number and the HSA id that are known, where none is given."""
        if known is None:
            return self
        phone, hsa_id = self.phone or known.phone, self.hsa_id or known.hsa_id
        return replace(self, phone=phone, hsa_id=hsa_id)


def address_fault(email: str) -> FaultText | None:
    """Why this mail address cannot be used, or None."""
    if len(email) > 254 or len(email.partition("@")[0]) > 64:
        return FaultText("address-too-long", "The address is too long.")
    if not email.isascii():
        text = "Letters outside a-z are not supported in an address."
        return FaultText("address-letters", text)
    if not _ADDRESS.fullmatch(email):
        text = "This is not a mail address of the form name@organisation.se."
        return FaultText("address-form", text)
    return None


def id_fault(value: str, form: re.Pattern[str], described: FaultText) -> FaultText | None:
    """Why this id cannot be used, or None. `described` is the form in words."""
    if value.strip().casefold() in NULL_WORDS:
        text = "{word!r} means that there is no value. Give the id, or leave the row out."
        return FaultText("id-null-word", text, word=value.strip())
    return None if form.fullmatch(value) else described


def name_fault(name: str) -> FaultText | None:
    """Why this name cannot be used, or None."""
    if not 1 <= len(name) <= 200:
        return FaultText("name-length", "A name has 1 to 200 characters.")
    if not name.isprintable():
        text = "The name contains a control character or a line break."
        return FaultText("name-control-character", text)
    return None
