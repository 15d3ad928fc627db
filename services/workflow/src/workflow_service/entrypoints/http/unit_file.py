"""The unit file over HTTP: its form, which an import reads and an export writes, and the saved
mappings of other systems' files."""

from servicekit.csv_export import Cell
from servicekit.csv_mapping import FileForm, ImportMapping
from servicekit.import_mappings import mapping_router
from workflow_service.application.organisation.queries import PlacedUnit
from workflow_service.domain.organisation.unit import KINDS
from workflow_service.domain.organisation.unit_file import COLUMNS
from workflow_service.entrypoints.app import region_administrator

FORM = FileForm(
    columns=COLUMNS,
    ids=(("unit_id", "parent_id"), ("manager_id",)),
    choices={"kind": KINDS},
    no_null_words=("unit_id", "parent_id", "manager_id"),
)
EXAMPLE: tuple[Cell, ...] = ("rehab", "Rehab", "unit", "halsa", 18, "m-0001")
_EXAMPLE_MAPPING = ImportMapping(
    columns={"unit_id": "Enhetskod", "name": "Benämning", "kind": "Nivå"},
    values={"kind": {"Förvaltning": "administration", "Vårdenhet": "unit"}},
    ids="lower_case",
    defaults={"headcount": "0", "manager_id": ""},
)

router = mapping_router(FORM, _EXAMPLE_MAPPING, region_administrator)


def row_of(placed: PlacedUnit) -> tuple[Cell, ...]:
    """The unit as a row of the file: importing it again changes nothing."""
    facts = placed.unit.facts
    return (
        facts.unit_id,
        facts.name,
        facts.kind,
        facts.parent_id,
        facts.headcount,
        placed.unit.manager_id,
    )
