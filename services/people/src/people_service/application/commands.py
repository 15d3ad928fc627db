"""What the use cases are asked to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal
from uuid import UUID

from people_service.domain.person_file import Fault, Row

Audience = Literal[
    "unit", "unit_managers", "new_managers", "managers", "administrators", "delegation"
]
"""Whom something is for: a unit's employees and managers, its managers, those of them who came with
the last change, all managers, all administrators of the whole region, or both persons of a
delegation that was not ended."""


@dataclass(frozen=True, slots=True)
class ImportPersons:
    """Rows of a file, and the faults that were found in its format.

    `headings` are what the file calls our columns, where it calls them otherwise. `account_id` is
    the caller's; a `complete` file lists everybody; `confirm` is the word that a dry run gave for a
    file that ends or moves many.
    """

    rows: Sequence[Row]
    faults: Sequence[Fault]
    dry_run: bool
    headings: Mapping[str, str] = field(default_factory=dict)
    account_id: UUID | None = None
    complete: bool = False
    confirm: str | None = None


@dataclass(frozen=True, slots=True)
class ForgetPerson:
    """`by` is the account of the administrator."""

    person_id: str
    by: str


@dataclass(frozen=True, slots=True)
class RememberUnit:
    """`dissolved_on` is the first day without the unit; `successor_id` took it over."""

    unit_id: str
    version: int
    dissolved_on: date | None = None
    successor_id: str | None = None


@dataclass(frozen=True, slots=True)
class FindAudience:
    """`unit_id` is needed for the audiences of one unit, `delegation_id` for that of one."""

    audience: Audience
    unit_id: str | None
    delegation_id: UUID | None = None
