"""A table that somebody gives as a file, whatever its format: a header, and rows below it.

Every value follows the one rule for texts (text.py). All faults of the form are found in one pass;
the caller checks what the values mean. Rows count from 1, as in a spreadsheet.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from servicekit.csv_export import without_guard
from servicekit.fault_text import FaultText
from servicekit.text import UnseenCharacterError, clean, is_null_word

MAX_LINES = 100_000
NONE: Mapping[str, str] = MappingProxyType({})


class Row(NamedTuple):
    """Trimmed values by column. One that is not `whole` has too few or too many, and a fault."""

    line: int
    values: dict[str, str]
    whole: bool


class Fault(NamedTuple):
    """`column` is empty if it is not about one column's value."""

    line: int
    column: str
    detail: FaultText


class Table(NamedTuple):
    """Without any fault there is at least one row. Blank rows are left out.

    `ignored` are headings of the file that nobody asked for; `headings` are those of the columns
    that the file calls otherwise, by column.
    """

    rows: list[Row]
    faults: list[Fault]
    ignored: list[str]
    headings: dict[str, str]

    def add(self, line: int, values: Sequence[str], header: "Header", whole: bool = True) -> None:
        """Add a row of at least as many values as the header has, and the faults of its texts."""
        named: dict[str, str] = {}
        for column, position in header.positions.items():
            text = without_guard(values[position])
            try:
                named[column] = clean(text)
            except UnseenCharacterError as error:
                named[column] = text
                self.faults.append(Fault(line, column, _unseen(error)))
        self.rows.append(Row(line, named, whole))


class Unreadable(Exception):
    """Nothing more can be read of the file, or of the line; `fault` says why."""

    def __init__(self, line: int, detail: FaultText) -> None:
        super().__init__(detail)
        self.fault = Fault(line, "", detail)


def _unseen(error: UnseenCharacterError) -> FaultText:
    return FaultText(
        "character-unseen",
        "Not readable: {error}.",
        error=error,
        position=error.position,
        code_point=error.code_point,
    )


class Header(NamedTuple):
    """The line that it is on, its headings, and at which of them each column is."""

    line: int
    headings: list[str]
    positions: dict[str, int]


def header_of(line: int, headings: Sequence[str], wanted: Mapping[str, str]) -> Header:
    """`wanted` has the heading of each column. Headings at the end that are empty are left out."""
    kept = list(headings)
    while kept and not kept[-1]:  # Columns that a spreadsheet once had.
        kept.pop()
    names = [folded(heading) for heading in kept]
    sought = {column: folded(heading) for column, heading in wanted.items()}
    positions = {column: names.index(name) for column, name in sought.items() if name in names}
    return Header(line, kept, positions)


def begin(
    table: Table,
    header: Header,
    wanted: Mapping[str, str],
    optional: Collection[str],
    separator: str = "",
) -> bool:
    """Note what is wrong in the header, what it calls otherwise and what nobody asked for.

    Whether rows can be read below it: no column that is needed is missing. `separator` is given if
    it may have been taken wrongly.
    """
    table.faults.extend(_faults(header, wanted, optional, separator))
    found = header.positions
    read = set(found.values())
    table.ignored.extend(name for at, name in enumerate(header.headings) if name and at not in read)
    table.headings.update(
        {c: header.headings[at] for c, at in found.items() if folded(wanted[c]) != c}
    )
    return wanted.keys() <= found.keys() | set(optional)


def folded(text: str) -> str:
    """The form in which headings, and values of a file, are compared: by the one rule for texts,
    upper and lower case alike."""
    try:
        return clean(text).casefold()
    except ValueError:  # It stays unlike every clean text.
        return text.strip().casefold()


def null_word_faults(rows: Sequence[Row], ids: Collection[str]) -> Iterator[Fault]:
    """A fault for each word that means "no value" in one of these columns."""
    for row in rows:
        for column in ids:
            if is_null_word(text := row.values.get(column, "")):
                detail = FaultText(
                    "null-word",
                    "{word!r} means that there is no value. Leave the column empty.",
                    word=text,
                )
                yield Fault(row.line, column, detail)


def _faults(
    header: Header, wanted: Mapping[str, str], optional: Collection[str], separator: str
) -> Iterator[Fault]:
    names = [folded(heading) for heading in header.headings]
    needed = ", ".join(heading for column, heading in wanted.items() if column not in optional)
    for column, heading in wanted.items():
        count = names.count(folded(heading))
        if count == 0 and column not in optional:
            yield Fault(header.line, column, _missing(needed, separator))
        elif count > 1:
            text = "The column appears twice in the header. Remove one."
            yield Fault(header.line, column, FaultText("column-twice", text))


def _missing(needed: str, separator: str) -> FaultText:
    if not separator:
        text = "The column is missing. The header needs: {needed}."
        return FaultText("column-missing", text, needed=needed)
    return FaultText(
        "column-missing-separator",
        "The column is missing (the separator was taken to be '{separator}'). The header needs:"
        " {needed}.",
        separator=separator,
        needed=needed,
    )
