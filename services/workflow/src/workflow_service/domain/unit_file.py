"""Reads the unit file: CSV in UTF-8, `,` or `;`. Finds everything wrong with its form at once;
what the rows mean is judged in unit_import."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

from workflow_service.domain.errors import DomainError

COLUMNS = ("unit_id", "name", "kind", "parent_id", "headcount", "manager_id")
MAX_ROWS = 10_000
_HEADER_LINE = 1
_SAVE_AS = 'Save the file as "CSV UTF-8" and send it again.'


@dataclass
class FileErrors:
    """Collects what is wrong, by line and column, so that one answer tells all of it."""

    found: list[tuple[int, str, str]] = field(default_factory=list)

    def add(self, line: int, column: str, detail: str) -> None:
        self.found.append((line, column, detail))

    def raise_if_any(self) -> None:
        """Raises DomainError `unit-file-invalid` with one entry per error, in line order."""
        if not self.found:
            return
        errors = [
            {"pointer": f"/rows/{line}/{column}".rstrip("/"), "detail": detail}
            for line, column, detail in sorted(self.found, key=lambda error: error[0])
        ]
        things = "1 thing is" if len(errors) == 1 else f"{len(errors)} things are"
        detail = f"{things} wrong in the unit file. Nothing was written."
        raise DomainError("unit-file-invalid", "invalid", detail, errors)


@dataclass(frozen=True, slots=True)
class Record:
    """One row: the line it starts on (1 = the header) and its trimmed values by column.

    A row that is not whole has too few or too many values. It is reported, and kept only so that
    rows which refer to its id are not reported too.
    """

    line: int
    values: dict[str, str]
    whole: bool


def read_records(content: bytes, errors: FileErrors) -> list[Record]:
    """The rows, in file order.

    Raises DomainError if not all rows can be read: empty, not UTF-8, no usable header, open quote.
    """
    text = _decode(content, errors)
    # Cells such as "A;B" keep their separator: only the header decides.
    header_line = text.lstrip("\r\n").splitlines()[0]
    delimiter = ";" if header_line.count(";") > header_line.count(",") else ","
    rows = _rows(text, delimiter, errors)
    line, header = next(rows, (_HEADER_LINE, []))
    columns = [name.lower() for name in header]
    _check_header(columns, line, delimiter, errors)
    records: list[Record] = []
    for line, values in rows:
        whole = len(values) == len(columns)
        if not whole:
            detail = f"{len(values)} values, but the header has {len(columns)} columns. "
            errors.add(line, "", detail + f"Put values that hold '{delimiter}' in double quotes.")
        padded = values + [""] * len(columns)
        records.append(Record(line, dict(zip(columns, padded, strict=False)), whole))
        if len(records) > MAX_ROWS:
            errors.add(line, "", f"More than {MAX_ROWS} units. Send the file in parts.")
            errors.raise_if_any()
    if not records:
        errors.add(line, "", "The file has a header but no units.")
        errors.raise_if_any()
    return records


def _decode(content: bytes, errors: FileErrors) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        errors.add(_HEADER_LINE, "", f"The file is UTF-16, not UTF-8. {_SAVE_AS}")
        errors.raise_if_any()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # utf-8-sig counts from after the mark, so ask again for the true offset.
        start = error.start + (3 if content.startswith(b"\xef\xbb\xbf") else 0)
        line = content.count(b"\n", 0, start) + 1
        byte = content[start]
        looks = bytes([byte]).decode("cp1252", errors="replace")
        errors.add(
            line,
            "",
            f"Not UTF-8: byte 0x{byte:02X} at position {start + 1} of the file"
            f" ({looks!r} in Windows-1252). {_SAVE_AS}",
        )
        errors.raise_if_any()
    if not text.strip():
        errors.add(_HEADER_LINE, "", f"The file is empty. Its header is {','.join(COLUMNS)}.")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        errors.add(line, "", f"A NUL character: this is not a text file. {_SAVE_AS}")
    errors.raise_if_any()
    return text


def _rows(text: str, delimiter: str, errors: FileErrors) -> Iterator[tuple[int, list[str]]]:
    """(first line, trimmed values) of each row that is not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = _HEADER_LINE
    try:
        for row in reader:
            values = [value.strip() for value in row]
            if any(values):
                yield line, values
            line = reader.line_num + 1
    except csv.Error as error:
        advice = "Check the double quotes: a quoted value ends with one, and holds them doubled."
        errors.add(line, "", f"The row that starts here cannot be read ({error}). {advice}")
        errors.raise_if_any()


def _check_header(columns: list[str], line: int, delimiter: str, errors: FileErrors) -> None:
    known = ", ".join(COLUMNS)
    for column in COLUMNS:
        if column not in columns:
            hint = f" (the separator was taken to be '{delimiter}')" if len(columns) == 1 else ""
            errors.add(line, column, f"The column is missing{hint}. The header needs: {known}.")
        elif columns.count(column) > 1:
            errors.add(line, column, "The column stands twice in the header. Remove one.")
    for column in columns:
        if column not in COLUMNS:
            named = column[:40].replace("/", "~1")
            errors.add(line, named, f"Unknown column. Remove it; the known ones are: {known}.")
    if any(column not in columns for column in COLUMNS):
        errors.raise_if_any()
