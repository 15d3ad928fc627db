"""A sheet is read as the CSV file of it would be, and what Excel would lose is a fault."""

import io
from datetime import date, datetime, time
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from servicekit import workbook_file
from servicekit.csv_table import read_table
from servicekit.excel_table import read_workbook
from servicekit.file_mapping import FileForm, ImportMapping, read_mapped
from servicekit.file_table import Fault, Table
from servicekit.workbook_file import MEDIA_TYPE
from unit.servicekit.workbooks import part_of, saved, with_parts, workbook

COLUMNS = ("id", "name", "size")
SHEET = "xl/worksheets/sheet1.xml"


def read(content: bytes, sheet: str | None = None) -> Table:
    return read_workbook(content, COLUMNS, sheet, ids=["id"])


def faults(content: bytes) -> list[tuple[int, str]]:
    return [(fault.line, fault.column) for fault in read(content).faults]


def the_fault(content: bytes, sheet: str | None = None) -> Fault:
    (fault,) = read(content, sheet).faults
    return fault


def test_a_sheet_is_read_as_the_csv_file_of_it() -> None:
    rows = [
        (None, None, None),
        ("Size", " NAME ", "id", "note", None),
        (3, "A\u00a0 B\u00ad", " a ", "x", None),
        (None, None, None),
        (None, "'=B", "b", None, None),
    ]
    text = "\n".join(",".join(str(v) if v is not None else "" for v in row) for row in rows[1:])
    sheet, file = read(workbook(*rows)), read_table(text.encode(), COLUMNS)
    assert [(row.line, row.values) for row in sheet.rows] == [
        (3, {"id": "a", "name": "A B", "size": "3"}),
        (5, {"id": "b", "name": "=B", "size": ""}),
    ]
    assert [row.values for row in sheet.rows] == [row.values for row in file.rows]
    assert (sheet.ignored, sheet.faults) == (["note"], [])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12, "12"),
        (12.0, "12"),
        (12.5, "12.5"),
        (-3, "-3"),
        (True, "TRUE"),
        (date(2026, 3, 1), "2026-03-01"),
        (datetime(2026, 3, 1), "2026-03-01"),  # noqa: DTZ001 - Excel has no time zones
        (datetime(2026, 3, 1, 8, 30), "2026-03-01 08:30:00"),  # noqa: DTZ001
        (time(8, 30), "08:30:00"),
        ("Åsa", "Åsa"),
        ("=", "="),
    ],
)
def test_a_value_becomes_the_text_that_a_csv_file_has(value: Any, text: str) -> None:
    table = read(workbook(COLUMNS, ("a", "A", value)))
    assert table.faults == []
    assert table.rows[0].values["size"] == text


@pytest.mark.parametrize("value", [123, 12.5, date(2026, 4, 3), datetime(2026, 4, 3)])  # noqa: DTZ001
def test_an_id_that_excel_made_something_else_of_is_a_fault(value: Any) -> None:
    assert faults(workbook(COLUMNS, ("a", "A"), (value, "B"))) == [(3, "id")]


def test_leading_zeros_that_the_sheet_shows_are_kept() -> None:
    def show(sheet: Any) -> None:
        sheet["A2"].number_format = "00000"

    assert read(workbook(COLUMNS, (123, "A"), change=show)).rows[0].values["id"] == "00123"
    assert faults(workbook(COLUMNS, (123, "A"))) == [(2, "id")]


def test_a_formula_counts_by_the_value_that_was_saved_with_it() -> None:
    without = workbook(COLUMNS, ("a", "=B1", 1), ("b", "B", "=1+1"), ("c", "C", 3))
    assert faults(without) == [(2, "name"), (3, "size")]
    xml = part_of(without, SHEET)
    xml = xml.replace(b"<f>B1</f><v />", b"<f>B1</f><v>7</v>").replace(
        b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>"
    )
    table = read(with_parts(without, {SHEET: xml}))
    assert table.faults == []
    assert [(row.line, row.values["name"], row.values["size"]) for row in table.rows] == [
        (2, "7", "1"),
        (3, "B", "2"),
        (4, "C", "3"),
    ]


def test_a_formula_in_a_column_that_nobody_reads_does_not_matter() -> None:
    assert faults(workbook((*COLUMNS, "note"), ("a", "A", 1, "=1+1"))) == []


def test_errors_lengths_and_values_without_a_heading_are_faults() -> None:
    rows = [COLUMNS, ("a", "#N/A", 1), ("b", "B" * 1_001, 1), ("c", "C", 1, None, "x")]
    table = read(workbook(*rows))
    assert [(f.line, f.column) for f in table.faults] == [(2, "name"), (3, "name"), (4, "")]
    assert "Cell E4" in table.faults[2].detail


def test_an_invisible_character_is_a_fault_as_in_a_csv_file() -> None:
    assert faults(workbook(COLUMNS, ("a", "A\u200bB"), ("b", "B\nC"))) == [(2, "name"), (3, "name")]


def test_merged_cells_below_the_header_are_faults() -> None:
    def merge(sheet: Any) -> None:
        sheet.merge_cells("B2:B3")

    fault = the_fault(workbook(COLUMNS, ("a", "A", 1), ("b", "B", 2), change=merge))
    assert (fault.line, "B2:B3" in fault.detail) == (2, True)


def test_the_first_sheet_that_is_not_hidden_is_read_or_a_named_one() -> None:
    book = Workbook()
    book.active.title = "Dold"
    book.active.sheet_state = "hidden"
    for name in ("Personer", "Andra"):
        book.create_sheet(name).append(COLUMNS)
        book[name].append((name.lower(), "A", 1))
    content = saved(book)
    assert read(content).rows[0].values["id"] == "personer"
    assert read(content, "andra").rows[0].values["id"] == "andra"
    assert "empty" in the_fault(content, "Dold").detail
    assert "'Personer', 'Andra'" in the_fault(content, "Nej").detail


def test_header_faults_are_those_of_a_csv_file() -> None:
    assert faults(workbook(("id", "ID", "name"), ("a", "b", "A"))) == [(1, "id"), (1, "size")]
    assert the_fault(workbook(COLUMNS)).detail == "The sheet has a header but no rows."
    assert "empty" in the_fault(workbook()).detail


def test_more_rows_than_are_read_are_refused_and_blank_ones_do_not_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("servicekit.excel_table.MAX_LINES", 5)
    rows = [COLUMNS, *((f"p{n}", "A", 1) for n in range(4))]

    def formatted(sheet: Any) -> None:
        sheet["A900000"].number_format = "@"

    assert len(read(workbook(*rows, change=formatted)).rows) == 4
    assert the_fault(workbook(*rows, ("p5", "A", 1))).line == 6


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_file, "MAX_UNPACKED_BYTES", 1_000_000)
    content = workbook(COLUMNS, ("a", "A", 1))
    bomb = with_parts(content, {"xl/media/image.png": b"\0" * 1_000_000})
    assert len(bomb) < 20_000
    assert "Unpacked" in the_fault(bomb).detail
    many = with_parts(content, {f"xl/media/{n}": b"" for n in range(1_001)})
    assert "parts" in the_fault(many).detail


def test_a_part_gives_no_more_than_the_zip_declares(monkeypatch: pytest.MonkeyPatch) -> None:
    """The zip says 10 bytes for a part of a million: no more is read of it."""
    content = with_parts(workbook(COLUMNS, ("a", "A", 1)), {"xl/theme/theme1.xml": b" " * 10**6})
    lying = content.replace((10**6).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    with ZipFile(io.BytesIO(lying)) as archive:
        try:
            length = len(archive.read("xl/theme/theme1.xml"))
        except Exception:
            length = 0
    assert length <= 10
    assert len(read(lying).faults) <= 1


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"xl/vbaProject.bin": b"x"}, "macros"),
        ({"xl/embeddings/oleObject1.bin": b"x"}, "embedded files"),
        ({"xl/activeX/activeX1.xml": b"<x/>"}, "controls"),
        ({SHEET: b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"}, "document type"),
        ({SHEET: b"<worksheet"}, "damaged"),
        ({"xl/workbook.xml": b"\0"}, "damaged"),
    ],
)
def test_what_is_no_plain_workbook_is_refused(parts: dict[str, bytes], said: str) -> None:
    assert said in the_fault(with_parts(workbook(COLUMNS, ("a", "A", 1)), parts)).detail


def other_zip() -> bytes:
    content = io.BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", "<x/>")
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not an Excel workbook"),
        (b"id,name,size\n", "not an Excel workbook"),
        (b"PK\x03\x04 and nothing more", "not an Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old kind (.xls)"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "protected by a password",
        ),
        (other_zip(), "not an Excel workbook"),
        (workbook(COLUMNS, ("a", "A", 1))[:-300], "not an Excel workbook"),
    ],
)
def test_what_is_no_workbook_is_refused(content: bytes, said: str) -> None:
    fault = the_fault(content)
    assert (fault.line, fault.column) == (1, "")
    assert said in fault.detail


def test_far_cells_cost_little() -> None:
    def far(sheet: Any) -> None:
        sheet["XFD3"] = "x"

    assert the_fault(workbook(COLUMNS, ("a", "A", 1), change=far)).line == 3
    beyond = workbook(COLUMNS, ("a", "A", 1))
    xml = part_of(beyond, SHEET).replace(b'<row r="2"', b'<row r="999999999"')
    assert the_fault(with_parts(beyond, {SHEET: xml})).line == 1_048_577


FORM = FileForm(columns=COLUMNS, ids=(("id",),))
MAPPING = ImportMapping(columns={"id": "Kod"}, values={"size": {"7": "seven"}}, ids="lower_case")


def test_a_workbook_of_another_system_is_read_by_its_mapping() -> None:
    content = workbook(("Kod", "name", "size"), ("A1", "A", 7), ("a1", "B", 8))
    table = read_mapped(content, FORM, MAPPING, MEDIA_TYPE)
    assert table.rows[0].values == {"id": "a1", "name": "A", "size": "seven"}
    assert [(f.line, f.column) for f in table.faults] == [(3, "id")]
    assert table.headings == {"id": "Kod"}


@pytest.mark.parametrize(
    ("content", "content_type", "sheet", "said"),
    [
        (workbook(COLUMNS), "text/csv", None, "sent as a CSV file"),
        (b"id,name,size\na,A,1", MEDIA_TYPE, None, "not an Excel workbook"),
        (b"id,name,size\na,A,1", "text/csv", "Blad1", "has no sheets"),
    ],
)
def test_what_a_file_is_and_what_it_is_sent_as_agree(
    content: bytes, content_type: str, sheet: str | None, said: str
) -> None:
    (fault,) = read_mapped(content, FORM, ImportMapping(), content_type, sheet).faults
    assert said in fault.detail
