"""Recipients from a CSV file: every fault is found at once, with its line and column.

One row is one assignment; rows with the same recipient_id are one person. Lines count from 1 and
the header is line 1, as in a spreadsheet. Encoding and separator are judged as for units.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace

from notification_service.domain.errors import FieldError, ImportInvalid
from notification_service.domain.recipient import (
    LANGUAGES,
    RECIPIENT_ID,
    ROLES,
    UNIT_ID,
    Assignment,
    Recipient,
    address_fault,
    name_fault,
)

COLUMNS = ("recipient_id", "name", "email", "language", "role", "unit_id")
_HEADER_LINE = 1
_SAVE_AS = 'Save the file as "CSV UTF-8" and send it again.'

Row = dict[str, str]


class _Faults:
    """Collects what is wrong, so that one answer tells all of it."""

    def __init__(self) -> None:
        self._found: list[tuple[int, FieldError]] = []

    def add(self, line: int, column: str, detail: str) -> None:
        pointer = f"/rows/{line}/{column}".rstrip("/")
        self._found.append((line, FieldError(pointer, detail)))

    def raise_if_any(self) -> None:
        if self._found:
            errors = [error for _, error in sorted(self._found, key=lambda found: found[0])]
            things = "1 thing is" if len(errors) == 1 else f"{len(errors)} things are"
            raise ImportInvalid(
                f"{things} wrong in the recipient file. Nothing was written.", errors
            )


def read_recipients(content: bytes) -> list[Recipient]:
    """The people in a UTF-8 CSV file with comma or semicolon; a BOM is tolerated.

    Raises ImportInvalid with every fault, in line order.
    """
    faults = _Faults()
    people: dict[str, Recipient] = {}
    first_line: dict[tuple[str, Assignment], int] = {}
    line = _HEADER_LINE
    for line, row in _rows(_decode(content, faults), faults):
        _check_row(line, row, faults)
        assignment = Assignment(row["role"], row["unit_id"])
        key = (row["recipient_id"], assignment)
        if key in first_line:
            faults.add(line, "recipient_id", f"The row repeats line {first_line[key]}. Remove one.")
        first_line.setdefault(key, line)
        _add(people, row, assignment, line, faults)
    if not people:
        faults.add(line, "", "The file has a header but no recipients.")
    faults.raise_if_any()
    return list(people.values())


def _decode(content: bytes, faults: _Faults) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        faults.add(_HEADER_LINE, "", f"The file is UTF-16, not UTF-8. {_SAVE_AS}")
        faults.raise_if_any()
    try:
        text = content.removeprefix(b"\xef\xbb\xbf").decode()
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        line = error.object.count(b"\n", 0, error.start) + 1
        looks = bytes([byte]).decode("cp1252", errors="replace")
        detail = f"Not UTF-8: byte 0x{byte:02X} ({looks!r} in Windows-1252). {_SAVE_AS}"
        faults.add(line, "", detail)
        faults.raise_if_any()
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        faults.add(line, "", f"A NUL character: this is not a text file. {_SAVE_AS}")
    if not text.strip():
        faults.add(_HEADER_LINE, "", f"The file is empty. Its header is {','.join(COLUMNS)}.")
    faults.raise_if_any()
    return text


def _rows(text: str, faults: _Faults) -> Iterator[tuple[int, Row]]:
    """(first line, values by column) of each row whose form is right; the others are faults."""
    header = text.lstrip("\r\n").splitlines()[0]
    delimiter = ";" if header.count(";") > header.count(",") else ","
    lines = _read(text, delimiter, faults)
    line, names = next(lines, (_HEADER_LINE, []))
    columns = [name.lower() for name in names]
    _check_header(columns, line, delimiter, faults)
    for line, values in lines:
        if len(values) == len(columns):
            yield line, dict(zip(columns, values, strict=True))
            continue
        detail = f"{len(values)} values, but the header has {len(columns)} columns. "
        faults.add(line, "", detail + f"Put values that hold '{delimiter}' in double quotes.")


def _read(text: str, delimiter: str, faults: _Faults) -> Iterator[tuple[int, list[str]]]:
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
        faults.add(line, "", f"The row that starts here cannot be read ({error}). {advice}")


def _check_header(columns: list[str], line: int, delimiter: str, faults: _Faults) -> None:
    known = ", ".join(COLUMNS)
    for column in COLUMNS:
        if column not in columns:
            hint = f" (the separator was taken to be '{delimiter}')" if len(columns) == 1 else ""
            faults.add(line, column, f"The column is missing{hint}. The header needs: {known}.")
        elif columns.count(column) > 1:
            faults.add(line, column, "The column stands twice in the header. Remove one.")
    for column in columns:
        if column not in COLUMNS:
            named = column[:40].replace("/", "~1")
            faults.add(line, named, f"Unknown column. Remove it; the known ones are: {known}.")
    if any(column not in columns for column in COLUMNS):
        faults.raise_if_any()


def _check_row(line: int, row: Row, faults: _Faults) -> None:
    if not RECIPIENT_ID.fullmatch(row["recipient_id"]):
        detail = "An id has 1 to 63 letters a-z, digits, '.', '_' or '-'."
        faults.add(line, "recipient_id", detail)
    if fault := name_fault(row["name"]):
        faults.add(line, "name", fault)
    if fault := address_fault(row["email"]):
        faults.add(line, "email", fault)
    if row["language"] not in LANGUAGES:
        faults.add(line, "language", f"Use one of: {', '.join(LANGUAGES)}.")
    if row["role"] not in ROLES:
        faults.add(line, "role", f"Use one of: {', '.join(ROLES)}.")
    elif row["role"] == "administrator" and row["unit_id"]:
        faults.add(line, "unit_id", "An administrator is one for all units: leave it empty.")
    elif row["role"] != "administrator" and not UNIT_ID.fullmatch(row["unit_id"]):
        faults.add(line, "unit_id", "A unit id has 1 to 63 characters a-z, 0-9 or '-'.")


def _add(
    people: dict[str, Recipient], row: Row, assignment: Assignment, line: int, faults: _Faults
) -> None:
    """Add the row to its person, who must be described alike in every row."""
    person = Recipient(
        recipient_id=row["recipient_id"],
        name=row["name"],
        email=row["email"],
        language=row["language"],
        assignments=frozenset({assignment}),
    )
    known = people.get(person.recipient_id)
    if known is None:
        people[person.recipient_id] = person
        return
    for field in known.changed_fields(person):
        if field != "assignments":
            faults.add(line, field, "Another value than in an earlier row of the same recipient.")
    people[person.recipient_id] = replace(known, assignments=known.assignments | person.assignments)
