"""A CSV file is read as a whole: either all its faults, by line and column, or all its rows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekit.csv_table import read_table
from servicekit.file_table import Fault, Row

COLUMNS = ("id", "name", "size")
HEADER = "id,name,size\n"


def rows(content: str | bytes) -> list[Row]:
    """The rows of a file without a fault."""
    table = read_table(content.encode() if isinstance(content, str) else content, COLUMNS)
    assert table.faults == []
    return table.rows


def faults(content: str | bytes) -> list[Fault]:
    return read_table(content.encode() if isinstance(content, str) else content, COLUMNS).faults


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_separator_byte_order_mark_and_line_ends_do_not_matter(
    mark: str, separator: str, line_end: str
) -> None:
    text = mark + (HEADER + "a,Åsa,3\nb,B,\n").replace(",", separator).replace("\n", line_end)
    assert rows(text) == [
        Row(2, {"id": "a", "name": "Åsa", "size": "3"}, True),
        Row(3, {"id": "b", "name": "B", "size": ""}, True),
    ]


def test_columns_come_in_any_order_and_case_and_blank_rows_are_nothing() -> None:
    assert rows("\nSize; NAME ;Id\n\n;;\n 3;A,B; a \n") == [
        Row(5, {"id": "a", "name": "A,B", "size": "3"}, True)
    ]


def test_quoted_values_may_hold_the_separator_and_quotes() -> None:
    (row,) = rows(HEADER + 'a,"Vård, dag och ""kväll""",3\n')
    assert row.values["name"] == 'Vård, dag och "kväll"'


def test_an_open_quote_is_reported_on_its_line_and_hides_no_other() -> None:
    table = read_table((HEADER + 'a,"A,3\nb,B,4\nc,"C",5\nd,D"\ne,E,6\n').encode(), COLUMNS)
    assert [(fault.line, fault.column) for fault in table.faults] == [(2, ""), (5, "")]
    assert "double quote opens a value here" in table.faults[0].detail
    assert [row.values["id"] for row in table.rows if row.whole] == ["b", "c", "e"]


def test_a_row_of_another_length_is_a_fault_and_kept_as_not_whole() -> None:
    table = read_table((HEADER + "a,A\nb,B,1,2\nc,C,3\n").encode(), COLUMNS)
    assert [(row.values["id"], row.whole) for row in table.rows] == [
        ("a", False),
        ("b", False),
        ("c", True),
    ]
    assert [(fault.line, fault.detail.partition(",")[0]) for fault in table.faults] == [
        (2, "2 values"),
        (3, "4 values"),
    ]


@pytest.mark.parametrize(
    ("content", "line", "column", "said"),
    [
        (b"", 1, "", "empty"),
        (b"\xef\xbb\xbf\r\n  \n", 1, "", "empty"),
        (HEADER.encode(), 1, "", "header but no rows"),
        ((HEADER + "a,A,3\n").encode("utf-16"), 1, "", "UTF-16"),
        ((HEADER + "a,A,3\n").encode() + b"\0", 3, "", "NUL"),
        (b"id|name\nx|y\n", 1, "id", "separator was taken to be"),
        (b"id,name,size\n", 1, "", "--data-binary"),
        (b"id,name,size\na,A\n", 2, "", "Write a ',' for each empty value"),
        (b"id,name,size\na,A,B,1\n", 2, "", "in double quotes"),
        (b"\nid,name\na,A\n", 2, "size", "missing"),
        (b'id,"name\na,A\n', 1, "", "double quote opens"),
        (b"sep=;\n", 1, "", "no header"),
        ((HEADER + "a,A\u200b,3\n").encode(), 2, "name", "U+200B"),
        (b"id,name,size,name\na,A,3,B\n", 1, "name", "twice"),
        ((HEADER + "a," + "x" * 200_000 + ",3\n").encode(), 2, "", "larger than"),
        ((HEADER + 'a,"A"B,3\n').encode(), 2, "", "expected after"),
    ],
)
def test_what_cannot_be_read_says_where_and_why(
    content: bytes, line: int, column: str, said: str
) -> None:
    fault = faults(content)[0]
    assert (fault.line, fault.column) == (line, column)
    assert said in fault.detail


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_wrong_encoding_is_reported_with_line_and_byte(mark: bytes) -> None:
    content = mark + (HEADER + "a,A,3\nb,Hälsa,3\n").encode("cp1252")
    (fault,) = faults(content)
    assert fault.line == 3
    assert f"byte 0xE4 at position {content.index(0xE4) + 1} of the file" in fault.detail
    assert "'ä' in Windows-1252" in fault.detail


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: (HEADER + text).encode()))
def test_any_bytes_give_rows_or_a_fault(content: bytes) -> None:
    table = read_table(content, COLUMNS)
    assert table.rows or table.faults
    assert {row.line for row in table.rows if not row.whole} <= {f.line for f in table.faults}


def test_a_file_of_too_many_lines_is_not_read() -> None:
    row = "a,A,3\n"
    assert len(rows(HEADER + row * 99_999)) == 99_999
    (fault,) = faults(HEADER + "a\n" * 500_000)
    assert (fault.line, fault.column) == (100_001, "")
    assert "500001 lines" in fault.detail


@pytest.mark.parametrize("declaration", ["sep=;", "SEP=;", '"sep=;"', "sep=;;;"])
def test_a_spreadsheets_sep_line_names_the_separator(declaration: str) -> None:
    (row,) = rows(f"{declaration}\nid;name;size\na;A,B;3\n")
    assert (row.line, row.values["name"]) == (3, "A,B")


@pytest.mark.parametrize("declaration", ["sep=\t", '"sep=\t"', "sep=\t\t\t", " sep=\t "])
def test_a_sep_line_may_name_the_tab(declaration: str) -> None:
    (row,) = rows(f"{declaration}\nid\tname\tsize\t\na\tA,B\t\t\n")
    assert (row.line, row.values) == (3, {"id": "a", "name": "A,B", "size": ""})


def test_trailing_empty_columns_are_nothing() -> None:
    assert rows("id;name;size;;;\na;A;3;;;\nb;B;4\n") == [
        Row(2, {"id": "a", "name": "A", "size": "3"}, True),
        Row(3, {"id": "b", "name": "B", "size": "4"}, True),
    ]


def test_columns_that_nobody_asked_for_are_ignored_and_listed() -> None:
    table = read_table(b"id,phone,name,size,note\na,1,A,3,x\n", COLUMNS)
    assert (table.faults, table.ignored) == ([], ["phone", "note"])
    assert table.rows == [Row(2, {"id": "a", "name": "A", "size": "3"}, True)]


@pytest.mark.parametrize(
    ("charset", "content_type"),
    [
        ("cp1252", "text/csv; charset=windows-1252"),
        ("cp1252", 'text/csv; Charset="Windows-1252"'),
        ("latin-1", "text/csv;charset=iso-8859-1"),
        ("utf-16", "text/csv; charset=utf-16"),
        ("utf-8", "text/csv"),
    ],
)
def test_a_declared_charset_is_honoured(charset: str, content_type: str) -> None:
    table = read_table((HEADER + "a,Åsa,3\n").encode(charset), COLUMNS, content_type)
    assert table.faults == []
    assert table.rows[0].values["name"] == "Åsa"


@pytest.mark.parametrize("charset", ["windows-1252", "iso-8859-1", "utf-16", "ebcdic"])
def test_a_byte_order_mark_wins_over_the_declared_charset(charset: str) -> None:
    content = (HEADER + "a,Åsa,3\n").encode("utf-8-sig")
    table = read_table(content, COLUMNS, f"text/csv; charset={charset}")
    assert table.faults == []
    assert table.rows[0].values == {"id": "a", "name": "Åsa", "size": "3"}


def test_a_charset_that_is_not_read_is_named() -> None:
    (fault,) = read_table(HEADER.encode(), COLUMNS, "text/csv; charset=ebcdic").faults
    assert "'ebcdic'" in fault.detail


def test_a_no_break_space_from_a_spreadsheet_is_a_space() -> None:
    (row,) = rows(HEADER + "a,Maria\u00a0Sampelsson,3\n")
    assert row.values["name"] == "Maria Sampelsson"


def test_twenty_thousand_lines_fit() -> None:
    content = HEADER + "".join(f"unit-{number:05d},{'x' * 60},7\n" for number in range(19_999))
    assert len(content) > 1024 * 1024
    assert len(rows(content)) == 19_999


@pytest.mark.parametrize("word", ["NULL", "n/a", "-", "Saknas"])
def test_a_word_for_no_value_is_no_id(word: str) -> None:
    content = (HEADER + f"a,{word},3\n{word},B,4\n").encode()
    (fault,) = read_table(content, COLUMNS, ids=["id"]).faults
    assert (fault.line, fault.column) == (3, "id")
    assert "no value" in fault.detail
