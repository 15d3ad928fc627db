"""What a person may ask to be done with units."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ImportUnits:
    """Bring the units in line with a CSV file; a dry run tells the difference only."""

    content: bytes
    dry_run: bool


@dataclass(frozen=True, slots=True)
class AssignManager:
    """Give the unit a (new) manager; refused if the unit has moved on from `expected_version`."""

    unit_id: str
    manager_id: str
    expected_version: int | None
