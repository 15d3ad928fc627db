"""The unit file: its columns, its rows, and what is wrong with it in one answer."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from workflow_service.domain.errors import DomainError

COLUMNS = ("unit_id", "name", "kind", "parent_id", "headcount")
_LISTED = 200  # errors in an answer; a person can correct these before the next attempt

Fault = tuple[int, str, str]
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

    def add(self, line: int, column: str, detail: str) -> None:
        self._found.append((line, column, detail))

    def raise_if_any(self) -> None:
        """Raises DomainError `unit-file-invalid` with the first 200 errors, in line order."""
        if not self._found:
            return
        errors = [
            {
                "pointer": f"/rows/{line}/{column}".rstrip("/"),
                "detail": detail + self._heading(column),
            }
            for line, column, detail in sorted(self._found, key=lambda error: error[0])[:_LISTED]
        ]
        count = len(self._found)
        if count > _LISTED:
            detail = f"{count - _LISTED} more are not listed."
            errors.append({"pointer": "/rows", "detail": detail})
        things = "1 thing is" if count == 1 else f"{count} things are"
        detail = f"{things} wrong in the unit file. Nothing was written."
        raise DomainError("unit-file-invalid", "invalid", detail, errors)

    def _heading(self, column: str) -> str:
        heading = self._headings.get(column)
        return f" In the file, the column is {heading[:70]!r}." if heading else ""
