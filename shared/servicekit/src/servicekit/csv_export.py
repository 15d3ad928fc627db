"""Tables as CSV that a Swedish Excel opens rightly: UTF-8 with a byte order mark, `;`, CRLF, and
quotes where a value needs them.

A spreadsheet runs a text that begins like a formula. Such a text gets an apostrophe before it
(OWASP, CSV injection), and so does one that has apostrophes before such a beginning, so that an
import can take away exactly what the export has added. Numbers are written as they are.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence

Cell = str | int | None
"""None is an empty cell."""

# The last four are the full-width forms, which some versions of Excel read as the first four.
_FORMULA = "[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"
_RISKY = re.compile(f"'*{_FORMULA}")
_GUARDED = re.compile(f"'+{_FORMULA}")
_BYTE_ORDER_MARK = "\ufeff"


def write_table(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """The file: a header of these columns, and a line for each row.

    Raises ValueError for a row of another length. A full file takes about a second: in a service,
    call it in a thread.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_written(cell) for _, cell in zip(columns, row, strict=True)])
    return (_BYTE_ORDER_MARK + text.getvalue()).encode()


def with_guard(text: str) -> str:
    """The text, with an apostrophe before it if a spreadsheet might run it."""
    return f"'{text}" if _RISKY.match(text) else text


def without_guard(text: str) -> str:
    """The text that `with_guard` was given."""
    return text[1:] if text.startswith("'") and _GUARDED.match(text) else text


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    return with_guard(cell) if isinstance(cell, str) else str(cell)
