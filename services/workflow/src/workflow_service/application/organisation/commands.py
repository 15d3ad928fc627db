"""What a person may ask to be done with units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from workflow_service.domain.organisation.unit_file import Fault, Record


@dataclass(frozen=True, slots=True)
class ImportUnits:
    """Bring the units in line with a file's rows; a dry run only reports the difference.

    `faults` are those already found in the file's form; `headings` are what the file calls our
    columns, where it calls them otherwise.
    """

    records: Sequence[Record]
    faults: Sequence[Fault]
    dry_run: bool
    headings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NoteManager:
    """The people service said `at` this time that the unit has a manager, or has none any more."""

    unit_id: str
    has_manager: bool
    at: datetime
    version: int
