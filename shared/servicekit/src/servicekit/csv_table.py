"""Tabular CSV as people have it: as a spreadsheet saves it, with or without its `sep=` line, with
trailing empty columns and columns that nobody asked for; UTF-8 or a declared charset; `,`, `;` or
tabs.

A value cannot hold a line break, so an unclosed quote affects only its own line and hides no fault
in the lines after it.
"""

import codecs
import csv
import re
from collections.abc import Collection, Mapping, Sequence

from servicekit.fault_text import FaultText
from servicekit.file_table import (
    MAX_LINES,
    NONE,
    Fault,
    Header,
    Table,
    Unreadable,
    begin,
    header_of,
    null_word_faults,
)

_CHARSETS = {"utf-8", "cp1252", "iso8859-1", "utf-16"}  # Python's names
_SEPARATOR_LINE = re.compile(r'\s*"?sep=(\S|\t)"?[,;\s]*', re.IGNORECASE)
_SAVE_AS = 'Save the file as "CSV UTF-8" and send it again.'
_SEPARATORS = (",", ";", "\t")
_ONE_LINE = " If the file has more than one line: curl sends it by --data-binary, not by -d."
_QUOTES = "A value in double quotes ends with one and holds them doubled."
_UNCLOSED = "unexpected end of data"  # csv's words


def read_table(
    content: bytes,
    columns: Sequence[str],
    content_type: str = "text/csv",
    ids: Collection[str] = (),
    headings: Mapping[str, str] = NONE,
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
    except Unreadable as error:
        table.faults.append(error.fault)
    return table


def _charset(content: bytes, content_type: str) -> str:
    """Python's name of the declared charset; UTF-8 if none is, or if the file begins with its byte
    order mark. Raises Unreadable."""
    if content.startswith(codecs.BOM_UTF8):
        return "utf-8"
    declared = re.search(r"charset\s*=\s*\"?([\w.:-]+)", content_type, re.IGNORECASE)
    try:
        name = codecs.lookup(declared[1] if declared else "utf-8").name
    except LookupError:
        name = ""
    if name not in _CHARSETS:
        text = "The charset {charset!r} is not read here. " + _SAVE_AS
        charset = declared[1] if declared else ""
        raise Unreadable(1, FaultText("charset-not-read", text, charset=charset))
    return name


def _read(text: str, wanted: Mapping[str, str], optional: Collection[str], table: Table) -> None:
    """Fill the table. `wanted` has the heading of each column. Raises Unreadable."""
    lines = re.split("\r\n|\r|\n", text.rstrip("\r\n"))
    if len(lines) > MAX_LINES:
        text = "The file has {count} lines; {most} are read at most. Split it."
        detail = FaultText("lines-too-many", text, count=len(lines), most=MAX_LINES)
        raise Unreadable(MAX_LINES + 1, detail)
    at, heading_text, delimiter = _header_line(lines)
    header = header_of(at, _values(at, heading_text, delimiter), wanted)
    one = len(header.headings) == 1
    if not begin(table, header, wanted, optional, delimiter if one else ""):
        return
    for line, row_text in enumerate(lines[at:], at + 1):
        try:
            _read_row(line, _values(line, row_text, delimiter), header, delimiter, table)
        except Unreadable as error:
            table.faults.append(error.fault)
    if not table.rows and not table.faults:
        text = f"The file has a header but no rows.{_ONE_LINE}"
        raise Unreadable(at, FaultText("rows-missing", text))


def _header_line(lines: Sequence[str]) -> tuple[int, str, str]:
    """The header's line number and text, and the separator: that of a `sep=` line, or the one that
    the header has most of. Values such as "A;B" keep theirs: only the header decides."""
    filled = ((at, line) for at, line in enumerate(lines, 1) if line.strip())
    at, text = next(filled)
    if declared := _SEPARATOR_LINE.fullmatch(text):
        at, text = next(filled, (at, ""))
        if not text:
            text = "The file has a sep= line but no header."
            raise Unreadable(at, FaultText("header-missing", text))
        return at, text, declared[1]
    return at, text, max(_SEPARATORS, key=text.count)


def _read_row(line: int, values: list[str], header: Header, delimiter: str, table: Table) -> None:
    if not any(values):
        return
    expected = len(header.headings)
    while len(values) > expected and not values[-1]:
        values.pop()
    whole = len(values) == expected
    if not whole:
        table.faults.append(Fault(line, "", _not_whole(len(values), expected, delimiter)))
    table.add(line, values + [""] * expected, header, whole)


def _not_whole(count: int, expected: int, delimiter: str) -> FaultText:
    values = "1 value" if count == 1 else f"{count} values"
    text = f"{values}, but the header has {{columns}} columns. "
    if count > expected:
        text += "Put values that hold '{delimiter}' in double quotes."
        return FaultText(
            "values-too-many", text, count=count, columns=expected, delimiter=delimiter
        )
    text += "Write a '{delimiter}' for each empty value too."
    return FaultText("values-missing", text, count=count, columns=expected, delimiter=delimiter)


def _decoded(content: bytes, wanted: Mapping[str, str], charset: str) -> str:
    if charset != "utf-16" and content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = f"The file is UTF-16, not UTF-8. {_SAVE_AS}"
        raise Unreadable(1, FaultText("utf-16", text))
    try:
        text = content.decode(charset).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        byte = content[error.start]
        looks = bytes([byte]).decode("cp1252", errors="replace")
        detail = FaultText(
            "charset-wrong",
            "Not {charset}: byte {byte} at position {position} of the file ({looks!r} in"
            " Windows-1252). " + _SAVE_AS,
            charset=charset.upper(),
            byte=f"0x{byte:02X}",
            position=error.start + 1,
            looks=looks,
        )
        before = content[: error.start].decode(charset, errors="replace")
        raise Unreadable(_line_of(before), detail) from error
    if "\0" in text:
        line = _line_of(text[: text.index("\0")])
        detail = FaultText("nul-character", f"A NUL character: this is not a text file. {_SAVE_AS}")
        raise Unreadable(line, detail)
    if not text.strip():
        header = ",".join(wanted.values())
        detail = FaultText(
            "file-empty", "The file is empty. Its header is {header}.", header=header
        )
        raise Unreadable(1, detail)
    return text


def _line_of(before: str) -> int:
    return len(re.findall("\r\n|\r|\n", before)) + 1


def _values(line: int, text: str, delimiter: str) -> list[str]:
    """The trimmed values of one line. Raises Unreadable."""
    try:
        rows = list(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error as error:
        if str(error) == _UNCLOSED:
            detail = FaultText(
                "quote-open",
                f"A double quote opens a value here that does not end on this line. {_QUOTES}",
            )
        else:
            detail = FaultText(
                "row-unreadable", "The row cannot be read ({why}). " + _QUOTES, why=error
            )
        raise Unreadable(line, detail) from error
    return [value.strip() for row in rows for value in row]
