"""The person file over HTTP: its form, which an import reads and an export writes, and the saved
mappings of other systems' files."""

import re
from collections.abc import Iterator

from people_service.domain.person import LANGUAGES, PERSON_ID, UNIT_ID, Person
from people_service.domain.person_file import COLUMNS, OPTIONAL
from people_service.domain.roles import PERSON_ROLES
from servicekit.csv_export import Cell
from servicekit.file_mapping import FileForm, ImportMapping
from servicekit.import_mappings import mapping_router

FORM = FileForm(
    columns=COLUMNS,
    ids=(("person_id",), ("unit_id",)),
    choices={"language": LANGUAGES, "role": PERSON_ROLES},
    shapes={
        "person_id": (PERSON_ID, "a person id"),
        "unit_id": (re.compile(f"({UNIT_ID.pattern})?"), "a unit id, or nothing"),
    },
    defaults=dict.fromkeys(OPTIONAL, ""),
)
EXAMPLE: tuple[Cell, ...] = (
    *("p-0001", "Exempelperson 0001", "person0001@example.se"),
    *("sv", "employee", "rehabenheten", "2026-03-01", None),
    *("+46701740605", "SE2321000016-1ABC"),
)
_EXAMPLE_MAPPING = ImportMapping(
    columns={"person_id": "HSA-id", "name": "Namn", "email": "E-post", "role": "Befattning"},
    values={"role": {"Chef": "manager", "Medarbetare": "employee"}},
    ids="lower_case",
    defaults={"language": "sv"},
)

router = mapping_router(FORM, _EXAMPLE_MAPPING)


def rows_of(person: Person) -> Iterator[tuple[Cell, ...]]:
    """The person's assignments from files as rows: importing them again changes nothing."""
    who = (person.person_id, person.name, person.email, person.language)
    for one in sorted(person.as_from("import").assignments):
        days = [day.isoformat() if day else None for day in (one.valid_from, one.valid_to)]
        yield *who, one.role, one.unit_id, *days, person.phone, person.hsa_id
