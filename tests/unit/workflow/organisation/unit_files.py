"""Unit files as the HTTP entrypoint hands them on."""

from servicekit.csv_table import read_table
from workflow_service.application.organisation.commands import ImportUnits
from workflow_service.domain.organisation.unit_file import COLUMNS, Record


def importing(content: bytes, *, dry_run: bool = False) -> ImportUnits:
    table = read_table(content, COLUMNS)
    return ImportUnits([Record(*row) for row in table.rows], table.faults, dry_run)
