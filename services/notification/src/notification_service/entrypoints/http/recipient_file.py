"""The recipient file over HTTP: its form, which an import reads and an export writes, and the saved
mappings of other systems' files."""

import re
from collections.abc import Iterator

from notification_service.domain.recipient import LANGUAGES, RECIPIENT_ID, ROLES, UNIT_ID, Recipient
from notification_service.domain.recipient_file import COLUMNS
from notification_service.entrypoints.app import of_the_whole_region
from servicekit.csv_export import Cell
from servicekit.csv_mapping import FileForm, ImportMapping
from servicekit.import_mappings import mapping_router

FORM = FileForm(
    columns=COLUMNS,
    ids=(("recipient_id",), ("unit_id",)),
    choices={"language": LANGUAGES, "role": ROLES},
    shapes={
        "recipient_id": (RECIPIENT_ID, "a recipient id"),
        "unit_id": (re.compile(f"({UNIT_ID.pattern})?"), "a unit id, or nothing"),
    },
)
EXAMPLE: tuple[Cell, ...] = (
    *("p-0001", "Exempelperson 0001", "person0001@example.se"),
    *("sv", "employee", "rehabenheten"),
)
_EXAMPLE_MAPPING = ImportMapping(
    columns={"recipient_id": "HSA-id", "name": "Namn", "email": "E-post", "role": "Befattning"},
    values={"role": {"Chef": "manager", "Medarbetare": "employee"}},
    ids="lower_case",
    defaults={"language": "sv"},
)

router = mapping_router(FORM, _EXAMPLE_MAPPING, of_the_whole_region("administrator"))


def rows_of(recipient: Recipient) -> Iterator[tuple[Cell, ...]]:
    """The recipient's assignments as rows of the file: importing them again changes nothing."""
    person = (recipient.recipient_id, recipient.name, recipient.email, recipient.language)
    for assignment in sorted(recipient.assignments):
        yield *person, assignment.role, assignment.unit_id
