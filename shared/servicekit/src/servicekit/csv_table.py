"""Tabular CSV as a spreadsheet saves it: UTF-8, `,` or `;`, a header, one row per line.

All faults of the form are found in one pass; the caller checks what the values mean. Lines count
from 1, as in a spreadsheet. A value cannot hold a line break, so an unclosed quote affects only its
own line and hides no fault in the lines after it.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_MAX_LINES = 20_000  # more than a real file of 1 MiB has
_SAVE_AS = 'Save the file as "CSV UTF-8" and send it again.'
_UNCLOSED = "unexpected end of data"  # csv's words


class Row(NamedTuple):
    """Trimmed values by column. One that is not `whole` has too few or too many, and a fault."""

    line: int
    values: dict[str, str]
    whole: bool


class Fault(NamedTuple):
    """`column` is empty if it is not about one column's value."""

    line: int
    column: str
    detail: str


class Table(NamedTuple):
    """Without any fault there is at least one row. Blank rows are left out."""

    rows: list[Row]
    faults: list[Fault]


class _Unreadable(Exception):
    def __init__(self, line: int, detail: str) -> None:
        super().__init__(detail)
        self.fault = Fault(line, "", detail)


def read_table(content: bytes, columns: Sequence[str]) -> Table:
    """The rows below a header that has exactly these columns, in any order and case.

    A full file takes a tenth of a second: in a service, call it in a thread.
    """
    table = Table([], [])
    try:
        _read(content, columns, table)
    except _Unreadable as error:
        table.faults.append(error.fault)
    return table


def _read(content: bytes, columns: Sequence[str], table: Table) -> None:
    lines = re.split("\r\n|\r|\n", _decoded(content, columns).rstrip("\r\n"))
    if len(lines) > _MAX_LINES:
        detail = f"The file has {len(lines)} lines; {_MAX_LINES} are read at most. Split it."
        raise _Unreadable(_MAX_LINES + 1, detail)
    header_at, header_text = next((at, line) for at, line in enumerate(lines, 1) if line.strip())
    # Values such as "A;B" keep their separator: only the header decides.
    delimiter = ";" if header_text.count(";") > header_text.count(",") else ","
    header = [name.lower() for name in _values(header_at, header_text, delimiter)]
    table.faults.extend(_header_faults(header_at, header, columns, delimiter))
    if not set(columns).issubset(header):
        return
    for line, text in enumerate(lines[header_at:], header_at + 1):
        try:
            values = _values(line, text, delimiter)
        except _Unreadable as error:
            table.faults.append(error.fault)
            continue
        if not any(values):
            continue
        whole = len(values) == len(header)
        if not whole:
            count = "1 value" if len(values) == 1 else f"{len(values)} values"
            detail = f"{count}, but the header has {len(header)} columns. "
            detail += f"Put values that hold '{delimiter}' in double quotes."
            table.faults.append(Fault(line, "", detail))
        padded = values + [""] * len(header)
        table.rows.append(Row(line, dict(zip(header, padded, strict=False)), whole))
    if not table.rows and not table.faults:
        raise _Unreadable(header_at, "The file has a header but no rows.")


def _decoded(content: bytes, columns: Sequence[str]) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _Unreadable(1, f"The file is UTF-16, not UTF-8. {_SAVE_AS}")
    try:
        text = content.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        byte = content[error.start]
        looks = bytes([byte]).decode("cp1252", errors="replace")
        detail = (
            f"Not UTF-8: byte 0x{byte:02X} at position {error.start + 1} of the file"
            f" ({looks!r} in Windows-1252). {_SAVE_AS}"
        )
        raise _Unreadable(_line_of(content[: error.start].decode()), detail) from error
    if "\0" in text:
        line = _line_of(text[: text.index("\0")])
        raise _Unreadable(line, f"A NUL character: this is not a text file. {_SAVE_AS}")
    if not text.strip():
        raise _Unreadable(1, f"The file is empty. Its header is {','.join(columns)}.")
    return text


def _line_of(before: str) -> int:
    return len(re.findall("\r\n|\r|\n", before)) + 1


def _values(line: int, text: str, delimiter: str) -> list[str]:
    """The trimmed values of one line. Raises _Unreadable."""
    try:
        rows = list(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error as error:
        detail = f"The row cannot be read ({error})."
        if str(error) == _UNCLOSED:
            detail = "A double quote opens a value here that does not end on this line."
        advice = "A value in double quotes ends with one and holds them doubled."
        raise _Unreadable(line, f"{detail} {advice}") from error
    return [value.strip() for row in rows for value in row]


def _header_faults(
    line: int, header: Sequence[str], columns: Sequence[str], delimiter: str
) -> Iterator[Fault]:
    known = ", ".join(columns)
    hint = f" (the separator was taken to be '{delimiter}')" if len(header) == 1 else ""
    for column in columns:
        if column not in header:
            detail = f"The column is missing{hint}. The header needs: {known}."
            yield Fault(line, column, detail)
        elif header.count(column) > 1:
            yield Fault(line, column, "The column appears twice in the header. Remove one.")
    for column in header:
        if column not in columns:
            named = column[:40].replace("/", "~1")
            yield Fault(line, named, f"Unknown column. Remove it; the known ones are: {known}.")
