"""Tabular CSV as people have it: as a spreadsheet saves it, with or without its `sep=` line, with
trailing empty columns and columns that nobody asked for; UTF-8 or a declared charset; `,`, `;` or
tabs.

Every value follows the one rule for texts (text.py). All faults of the form are found in one pass;
the caller checks what the values mean. Lines count from 1, as in a spreadsheet. A value cannot hold
a line break, so an unclosed quote affects only its own line and hides no fault in the lines after
it. An apostrophe that an export put before a value (csv_export.py) is taken away.
"""

import codecs
import csv
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from servicekit.csv_export import without_guard
from servicekit.text import clean, is_null_word

MAX_LINES = 100_000
_NONE: Mapping[str, str] = MappingProxyType({})
_CHARSETS = {"utf-8", "cp1252", "iso8859-1", "utf-16"}  # Python's names
_SEPARATOR_LINE = re.compile(r'\s*"?sep=(\S|\t)"?[,;\s]*', re.IGNORECASE)
_SAVE_AS = 'Save the file as "CSV UTF-8" and send it again.'
_SEPARATORS = (",", ";", "\t")
_ONE_LINE = " If the file has more than one line: curl sends it by --data-binary, not by -d."
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
    """Without any fault there is at least one row. Blank rows are left out.

    `ignored` are headings of the file that nobody asked for; `headings` are those of the columns
    that the file calls otherwise, by column.
    """

    rows: list[Row]
    faults: list[Fault]
    ignored: list[str]
    headings: dict[str, str]


class _Header(NamedTuple):
    """Where the header is, its separator and its headings, and at which of them each column is."""

    line: int
    delimiter: str
    headings: list[str]
    positions: dict[str, int]


class _Unreadable(Exception):
    def __init__(self, line: int, detail: str) -> None:
        super().__init__(detail)
        self.fault = Fault(line, "", detail)


def folded(text: str) -> str:
    """The form in which headings, and values of a file, are compared: by the one rule for texts,
    upper and lower case alike."""
    try:
        return clean(text).casefold()
    except ValueError:  # It stays unlike every clean text.
        return text.strip().casefold()


def read_table(
    content: bytes,
    columns: Sequence[str],
    content_type: str = "text/csv",
    ids: Collection[str] = (),
    headings: Mapping[str, str] = _NONE,
    optional: Collection[str] = (),
) -> Table:
    """The rows below a header that has these columns, in any order and case. `content_type` may
    declare a charset, which UTF-8's byte order mark overrules; in the columns `ids` a word for "no
    value", such as NULL, is a fault.

    `headings` names the columns that the file calls otherwise. The file may do without those that
    are `optional`; its rows then have no value of theirs.

    A full file takes some seconds: in a service, call it in a thread.
    """
    table = Table([], [], [], {})
    wanted = {column: headings.get(column, column) for column in columns}
    try:
        _read(_decoded(content, wanted, _charset(content, content_type)), wanted, optional, table)
        table.faults.extend(null_word_faults(table.rows, ids))
    except _Unreadable as error:
        table.faults.append(error.fault)
    return table


def null_word_faults(rows: Sequence[Row], ids: Collection[str]) -> Iterator[Fault]:
    """A fault for each word that means "no value" in one of these columns."""
    for row in rows:
        for column in ids:
            if is_null_word(text := row.values.get(column, "")):
                detail = f"{text!r} means that there is no value. Leave the column empty."
                yield Fault(row.line, column, detail)


def _charset(content: bytes, content_type: str) -> str:
    """Python's name of the declared charset; UTF-8 if none is, or if the file begins with its byte
    order mark. Raises _Unreadable."""
    if content.startswith(codecs.BOM_UTF8):
        return "utf-8"
    declared = re.search(r"charset\s*=\s*\"?([\w.:-]+)", content_type, re.IGNORECASE)
    try:
        name = codecs.lookup(declared[1] if declared else "utf-8").name
    except LookupError:
        name = ""
    if name not in _CHARSETS:
        detail = f"The charset {declared and declared[1]!r} is not read here. {_SAVE_AS}"
        raise _Unreadable(1, detail)
    return name


def _read(text: str, wanted: Mapping[str, str], optional: Collection[str], table: Table) -> None:
    """Fill the table. `wanted` has the heading of each column. Raises _Unreadable."""
    lines = re.split("\r\n|\r|\n", text.rstrip("\r\n"))
    if len(lines) > MAX_LINES:
        detail = f"The file has {len(lines)} lines; {MAX_LINES} are read at most. Split it."
        raise _Unreadable(MAX_LINES + 1, detail)
    header = _header(lines, wanted)
    table.faults.extend(_header_faults(header, wanted, optional))
    found = header.positions
    read = set(found.values())
    table.ignored.extend(name for at, name in enumerate(header.headings) if name and at not in read)
    table.headings.update(
        {c: header.headings[at] for c, at in found.items() if folded(wanted[c]) != c}
    )
    if not wanted.keys() <= found.keys() | set(optional):
        return
    for line, row_text in enumerate(lines[header.line :], header.line + 1):
        try:
            _read_row(line, _values(line, row_text, header.delimiter), header, table)
        except _Unreadable as error:
            table.faults.append(error.fault)
    if not table.rows and not table.faults:
        raise _Unreadable(header.line, f"The file has a header but no rows.{_ONE_LINE}")


def _header(lines: Sequence[str], wanted: Mapping[str, str]) -> _Header:
    line, text, delimiter = _header_line(lines)
    headings = _values(line, text, delimiter)
    while headings and not headings[-1]:  # Columns that a spreadsheet once had.
        headings.pop()
    names = [folded(heading) for heading in headings]
    sought = {column: folded(heading) for column, heading in wanted.items()}
    positions = {column: names.index(name) for column, name in sought.items() if name in names}
    return _Header(line, delimiter, headings, positions)


def _header_line(lines: Sequence[str]) -> tuple[int, str, str]:
    """The header's line number and text, and the separator: that of a `sep=` line, or the one that
    the header has most of. Values such as "A;B" keep theirs: only the header decides."""
    filled = ((at, line) for at, line in enumerate(lines, 1) if line.strip())
    at, text = next(filled)
    if declared := _SEPARATOR_LINE.fullmatch(text):
        at, text = next(filled, (at, ""))
        if not text:
            raise _Unreadable(at, "The file has a sep= line but no header.")
        return at, text, declared[1]
    return at, text, max(_SEPARATORS, key=text.count)


def _read_row(line: int, values: list[str], header: _Header, table: Table) -> None:
    if not any(values):
        return
    expected = len(header.headings)
    while len(values) > expected and not values[-1]:
        values.pop()
    whole = len(values) == expected
    if not whole:
        count = "1 value" if len(values) == 1 else f"{len(values)} values"
        detail = f"{count}, but the header has {expected} columns. "
        if len(values) > expected:
            detail += f"Put values that hold '{header.delimiter}' in double quotes."
        else:
            detail += f"Write a '{header.delimiter}' for each empty value too."
        table.faults.append(Fault(line, "", detail))
    padded = values + [""] * expected
    named: dict[str, str] = {}
    for column, position in header.positions.items():
        text = without_guard(padded[position])
        try:
            named[column] = clean(text)
        except ValueError as error:
            named[column] = text
            table.faults.append(Fault(line, column, f"Not readable: {error}."))
    table.rows.append(Row(line, named, whole))


def _decoded(content: bytes, wanted: Mapping[str, str], charset: str) -> str:
    if charset != "utf-16" and content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _Unreadable(1, f"The file is UTF-16, not UTF-8. {_SAVE_AS}")
    try:
        text = content.decode(charset).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        byte = content[error.start]
        looks = bytes([byte]).decode("cp1252", errors="replace")
        detail = (
            f"Not {charset.upper()}: byte 0x{byte:02X} at position {error.start + 1} of the"
            f" file ({looks!r} in Windows-1252). {_SAVE_AS}"
        )
        before = content[: error.start].decode(charset, errors="replace")
        raise _Unreadable(_line_of(before), detail) from error
    if "\0" in text:
        line = _line_of(text[: text.index("\0")])
        raise _Unreadable(line, f"A NUL character: this is not a text file. {_SAVE_AS}")
    if not text.strip():
        raise _Unreadable(1, f"The file is empty. Its header is {','.join(wanted.values())}.")
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
    header: _Header, wanted: Mapping[str, str], optional: Collection[str]
) -> Iterator[Fault]:
    names = [folded(heading) for heading in header.headings]
    hint = f" (the separator was taken to be '{header.delimiter}')" if len(names) == 1 else ""
    needed = ", ".join(heading for column, heading in wanted.items() if column not in optional)
    for column, heading in wanted.items():
        count = names.count(folded(heading))
        if count == 0 and column not in optional:
            detail = f"The column is missing{hint}. The header needs: {needed}."
            yield Fault(header.line, column, detail)
        elif count > 1:
            detail = "The column appears twice in the header. Remove one."
            yield Fault(header.line, column, detail)
