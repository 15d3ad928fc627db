"""What the use cases are asked to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from people_service.domain.person_file import Fault, Row

Audience = Literal["unit", "unit_managers", "managers", "administrators"]
"""Whom something is for: a unit's employees and managers, its managers, all managers, or all
administrators of the whole region."""


@dataclass(frozen=True, slots=True)
class ImportPersons:
    """Rows of a file, and the faults that were found in its format.

    `headings` are what the file calls our columns, where it calls them otherwise.
    """

    rows: Sequence[Row]
    faults: Sequence[Fault]
    dry_run: bool
    headings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ForgetPerson:
    person_id: str


@dataclass(frozen=True, slots=True)
class RememberUnit:
    unit_id: str
    version: int


@dataclass(frozen=True, slots=True)
class RememberManager:
    """The manager whom the workflow service names for a unit."""

    unit_id: str
    manager_id: str
    version: int


@dataclass(frozen=True, slots=True)
class FindAudience:
    """`unit_id` is needed for the audiences of one unit."""

    audience: Audience
    unit_id: str | None
