"""A sheet of an Excel workbook as the same table that a CSV file of it would be.

Excel keeps values, not texts: dates and numbers become what a CSV would hold. What would be lost or
guessed is a fault instead: leading zeros of an id that was typed as a number, an id of which Excel
made a date, a formula without a value, an error value, cells that are merged.
"""

import logging
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any, NamedTuple
from zipfile import ZipFile

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter, range_boundaries

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
)
from servicekit.workbook_file import merged_ranges, opened

log = logging.getLogger(__name__)

_MAX_COLUMNS = 1_000
_MAX_LENGTH = 1_000  # characters of a value
_LAST_ROW = 1_048_576  # Excel's
_ZEROS = re.compile(r"0{2,30}")
_NAMED = 10  # sheets in a problem


class _Cell(NamedTuple):
    """What a CSV would hold. `lost` says what is wrong if it is read, `lost_id` if it is an id."""

    text: str
    lost: FaultText | None = None
    lost_id: FaultText | None = None


_EMPTY = _Cell("")
_NO_VALUE = FaultText(
    "formula-without-value",
    "The cell has a formula without a value. Open the file in Excel and save it again.",
)
_DATE = FaultText(
    "id-became-date",
    "Excel made a date or a time of it. Format the column as text, and write the id.",
)
_NUMBER = FaultText(
    "id-is-number",
    "The cell is a number: leading zeros would be lost. Format the column as text, and write the id"
    " anew.",
)
_TOO_LONG = FaultText(
    "cell-too-long", "The cell has more than {most} characters.", most=_MAX_LENGTH
)
_OF_OTHER_KIND = FaultText("cell-of-other-kind", "The cell has a value of a kind that is not read.")


def read_workbook(
    content: bytes,
    columns: Sequence[str],
    sheet: str | None = None,
    ids: Collection[str] = (),
    headings: Mapping[str, str] = NONE,
    optional: Collection[str] = (),
) -> Table:
    """The rows below the sheet's header, as `read_table` reads those of a CSV file.

    `sheet` is the sheet's name; without it, the first that is not hidden is read. In the columns
    `ids` a number or a date is a fault.

    A full file takes up to a minute: in a service, call it in a thread.
    """
    table = Table([], [], [], {})
    wanted = {column: headings.get(column, column) for column in columns}
    try:
        with opened(content) as archive:
            _read(archive, content, sheet, wanted, ids, optional, table)
    except Unreadable as error:
        table.faults.append(error.fault)
    except Exception as error:  # The library raises whatever it meets in a file that is damaged.
        log.info("workbook not read: %s", type(error).__name__)
        text = "The workbook is damaged, or not of the kind that Excel saves. Save it anew."
        table.faults.append(Fault(1, "", FaultText("workbook-damaged", text)))
    return table


def sheet_names(content: bytes) -> list[str]:
    """The sheets of a workbook that are not hidden, in its order; none of what cannot be read."""
    try:
        with opened(content):
            workbook = load_workbook(BytesIO(content), True, keep_links=False)
            return [one.title for one in workbook.worksheets if one.sheet_state == "visible"]
    except Unreadable:
        return []
    except Exception as error:  # The library raises whatever it meets in a file that is damaged.
        log.info("workbook not read: %s", type(error).__name__)
        return []


def _read(
    archive: ZipFile,
    content: bytes,
    name: str | None,
    wanted: Mapping[str, str],
    ids: Collection[str],
    optional: Collection[str],
    table: Table,
) -> None:
    sheet = _sheet(content, name, data_only=False)
    rows = _filled(sheet)
    line, cells = next(rows, (1, []))
    if not cells:
        heading = ",".join(wanted.values())
        text = "The sheet is empty. Its header is {header}."
        raise Unreadable(1, FaultText("sheet-empty", text, header=heading))
    header = header_of(line, [cell.text for cell in cells], wanted)
    if not begin(table, header, wanted, optional):
        return
    formulas: list[tuple[int, list[_Cell]]] = []
    for at, row in rows:
        if any(cell.lost == _NO_VALUE for cell in row):
            formulas.append((at, row))
        else:
            _add(at, row, header, ids, table)
    if formulas:
        _add_values(content, name, formulas, header, ids, table)
    _note_merged(merged_ranges(archive, sheet._worksheet_path), header, table)
    if not table.rows and not table.faults:
        text = "The sheet has a header but no rows."
        raise Unreadable(line, FaultText("sheet-without-rows", text))


def _sheet(content: bytes, name: str | None, data_only: bool) -> Any:
    """Raises Unreadable if there is no such sheet."""
    workbook = load_workbook(BytesIO(content), True, data_only=data_only, keep_links=False)
    shown = [each for each in workbook.worksheets if each.sheet_state == "visible"]
    chosen = shown[0] if shown and name is None else None
    for each in workbook.worksheets:
        if name is not None and each.title.casefold() == name.casefold():
            chosen = each
    if chosen is None:
        names = ", ".join(repr(each.title[:31]) for each in shown[:_NAMED]) or "-"
        text = "There is no such sheet. Sheets that are not hidden: {names}."
        raise Unreadable(1, FaultText("sheet-unknown", text, names=names))
    chosen.reset_dimensions()  # Those that a file declares may be wrong, and huge.
    return chosen


def _filled(sheet: Any) -> Iterator[tuple[int, list[_Cell]]]:
    """The rows that are not blank, by number, without empty cells at the end."""
    for number, row in enumerate(sheet.iter_rows(), 1):
        if number > _LAST_ROW or len(row) > _MAX_COLUMNS:
            text = "A sheet with more than {most} columns is not read."
            raise Unreadable(number, FaultText("columns-too-many", text, most=_MAX_COLUMNS))
        cells = [_read_cell(cell) for cell in row]
        while cells and not cells[-1].text and not cells[-1].lost:
            cells.pop()
        if not cells:
            continue
        if number > MAX_LINES:
            text = "The sheet has more than {most} rows, which are read at most. Split it."
            raise Unreadable(number, FaultText("rows-too-many", text, most=MAX_LINES))
        yield number, cells


def _read_cell(cell: Any) -> _Cell:
    value = cell.value
    if value is None:
        return _EMPTY
    if cell.data_type == "f":
        return _Cell("", _NO_VALUE)
    if cell.data_type == "e":
        text = "The cell has the error {error}."
        return _Cell("", FaultText("cell-error", text, error=str(value)[:20]))
    match value:
        case str():
            return _Cell(value.strip(), _TOO_LONG if len(value) > _MAX_LENGTH else None)
        case bool():
            return _Cell(str(value).upper())
        case int() | float():
            return _number(value, str(cell.number_format))
        case datetime() | date() | time() | timedelta():
            return _Cell(_moment(value), lost_id=_DATE)
        case _:
            return _Cell("", _OF_OTHER_KIND)


def _number(value: int | float, shown_as: str) -> _Cell:
    """An id that is shown with leading zeros, by a format such as 00000, keeps them. Of another
    number nobody can say whether it had any."""
    text = str(int(value)) if float(value).is_integer() else repr(value)
    if _ZEROS.fullmatch(shown_as) and text.isdigit():
        return _Cell(text.zfill(len(shown_as)))
    return _Cell(text, lost_id=_NUMBER)


def _moment(value: date | time | timedelta) -> str:
    """As ISO 8601 writes it; a date alone if it is midnight, which is how Excel keeps days."""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    return str(value) if isinstance(value, timedelta) else value.isoformat()


def _add(
    line: int, cells: Sequence[_Cell], header: Header, ids: Collection[str], table: Table
) -> None:
    for column, position in header.positions.items():
        cell = cells[position] if position < len(cells) else _EMPTY
        if detail := cell.lost or (cell.lost_id if column in ids else None):
            table.faults.append(Fault(line, column, detail))
    expected = len(header.headings)
    whole = len(cells) <= expected
    if not whole:
        column = get_column_letter(len(cells))
        text = "Cell {cell} has a value, but its column has no heading."
        detail = FaultText("cell-without-heading", text, cell=f"{column}{line}")
        table.faults.append(Fault(line, "", detail))
    texts = [cell.text for cell in cells] + [""] * expected
    table.add(line, texts, header, whole)


def _add_values(
    content: bytes,
    name: str | None,
    formulas: Sequence[tuple[int, list[_Cell]]],
    header: Header,
    ids: Collection[str],
    table: Table,
) -> None:
    """Add the rows with formulas, with the values that Excel saved for them."""
    waiting = dict(formulas)
    for number, row in enumerate(_sheet(content, name, data_only=True).iter_rows(), 1):
        if (known := waiting.pop(number, None)) is not None:
            values = [
                _read_cell(cell) if before.lost == _NO_VALUE and cell.value is not None else before
                for before, cell in zip(known, row, strict=False)
            ]
            _add(number, values, header, ids, table)
        if not waiting:
            break
    table.rows.sort()


def _note_merged(ranges: Sequence[str], header: Header, table: Table) -> None:
    """Of merged cells all but the first are empty: what they show for a row is not there."""
    for each in ranges:
        _, first, _, last = range_boundaries(each)
        if last >= header.line:
            text = "The cells {cells} are merged. Unmerge them and fill each."
            detail = FaultText("cells-merged", text, cells=each)
            table.faults.append(Fault(max(first, header.line), "", detail))
