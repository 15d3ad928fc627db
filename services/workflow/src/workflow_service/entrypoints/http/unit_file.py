"""The unit file over HTTP: its form, which an import reads and an export writes, and the saved
mappings of other systems' files."""

import re

from servicekit.csv_export import Cell
from servicekit.file_mapping import FileForm, ImportMapping
from servicekit.import_mappings import mapping_router
from workflow_service.application.organisation.queries import PlacedUnit
from workflow_service.domain.organisation.unit import KINDS, UNIT_ID
from workflow_service.domain.organisation.unit_file import COLUMNS

FORM = FileForm(
    columns=COLUMNS,
    ids=(("unit_id", "parent_id"),),
    choices={"kind": KINDS},
    shapes={
        "unit_id": (UNIT_ID, "1 to 63 characters a-z, 0-9 or '-'"),
        "parent_id": (re.compile(f"({UNIT_ID.pattern})?"), "a unit id, or nothing"),
        "headcount": (re.compile("([0-9]{1,6})?"), "a whole number of people, such as 12"),
    },
    no_null_words=("unit_id", "parent_id"),
)
EXAMPLE: tuple[Cell, ...] = ("rehab", "Rehab", "unit", "halsa", 18)
_EXAMPLE_MAPPING = ImportMapping(
    columns={"unit_id": "Enhetskod", "name": "Benämning", "kind": "Nivå"},
    values={"kind": {"Förvaltning": "administration", "Vårdenhet": "unit"}},
    ids="lower_case",
    defaults={"headcount": "0"},
)

router = mapping_router(FORM, _EXAMPLE_MAPPING)


def row_of(placed: PlacedUnit) -> tuple[Cell, ...]:
    """The unit as a row of the file: importing it again changes nothing."""
    facts = placed.unit.facts
    return facts.unit_id, facts.name, facts.kind, facts.parent_id, facts.headcount
