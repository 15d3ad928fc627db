"""People who get mail, and their assignments; one person may have several.

This is the platform's only contact data. An administrator's assignment is for the whole region: its
unit is the empty text, not NULL, because the unit is part of a unique key.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Role = Literal["administrator", "manager", "employee"]
ROLES: tuple[Role, ...] = get_args(Role)
Language = Literal["sv", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

RECIPIENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
UNIT_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
# Deliberately stricter than RFC 5322: no quoting, comments or non-ASCII, and nothing that could end
# a header or an SMTP command.
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])"
)


NULL_WORDS = frozenset({"null", "none", "nil", "n/a", "na", "#n/a", "-", "--", "saknas", "okänd"})
"""What spreadsheets and other systems write where there is no value; servicekit has the same."""


@dataclass(frozen=True, slots=True, order=True)
class Assignment:
    role: Role
    unit_id: str


@dataclass(frozen=True, slots=True)
class Recipient:
    recipient_id: str
    name: str
    email: str
    language: Language
    assignments: frozenset[Assignment]

    @property
    def units(self) -> frozenset[str]:
        """The units of the assignments."""
        return frozenset(one.unit_id for one in self.assignments if one.unit_id)

    def changed_fields(self, other: "Recipient") -> list[str]:
        """The names of the fields in which the two differ."""
        fields = ("name", "email", "language", "assignments")
        return [name for name in fields if getattr(self, name) != getattr(other, name)]


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import would do. Recipients that the file lacks are listed, but never removed."""

    added: tuple[Recipient, ...]
    changed: tuple[tuple[Recipient, tuple[str, ...]], ...]
    unchanged: int
    absent: tuple[str, ...]


def plan_import(known: Mapping[str, Recipient], wanted: Iterable[Recipient]) -> ImportPlan:
    """Compare the file with what is stored; both keyed by recipient id."""
    added, changed, seen = [], [], set()
    for recipient in wanted:
        seen.add(recipient.recipient_id)
        before = known.get(recipient.recipient_id)
        if before is None:
            added.append(recipient)
        elif fields := before.changed_fields(recipient):
            changed.append((recipient, tuple(fields)))
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
