"""The unit file: its columns, its rows, and what is wrong with it in one answer."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from workflow_service.domain.errors import DomainError
from workflow_service.domain.organisation.fault_text import Detail, FaultText, error_of

COLUMNS = ("unit_id", "name", "kind", "parent_id", "headcount")
_LISTED = 200  # errors in an answer; a person can correct these before the next attempt

Fault = tuple[int, str, Detail]
"""The line, the column or an empty text, and what is wrong."""


class Record(NamedTuple):
    """One row: its line in the file, and its trimmed values by column.

    A row that is not whole has too few or too many values. It is a fault already, and kept only so
    that rows which refer to its id are not faults too.
    """

    line: int
    values: Mapping[str, str]
    whole: bool


class FileErrors:
    """Collects what is wrong, by line and column.

    `faults` are those already found in the form; `headings` are what the file calls our columns,
    where it calls them otherwise.
    """

    def __init__(self, faults: Sequence[Fault], headings: Mapping[str, str]) -> None:
        self._found = list(faults)
        self._headings = headings

    def add(self, line: int, column: str, detail: Detail) -> None:
        self._found.append((line, column, detail))

    def raise_if_any(self) -> None:
        """Raises DomainError `unit-file-invalid` with the first 200 errors, in line order."""
        if not self._found:
            return
        errors = [
            error_of(line, column, detail, self._headings.get(column, ""))
            for line, column, detail in sorted(self._found, key=lambda error: error[0])[:_LISTED]
        ]
        count = len(self._found)
        if count > _LISTED:
            text = "{count} more are not listed."
            more = FaultText("more-not-listed", text, count=count - _LISTED)
            errors.append(error_of(0, "", more))
        things = "1 thing is" if count == 1 else f"{count} things are"
        detail = f"{things} wrong in the unit file. Nothing was written."
        raise DomainError("unit-file-invalid", "invalid", detail, errors)
