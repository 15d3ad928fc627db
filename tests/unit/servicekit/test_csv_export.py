"""A file for a Swedish Excel: it is opened rightly, runs nothing, and is read again unchanged."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekit.csv_export import with_guard, without_guard, write_table
from servicekit.csv_table import read_table
from servicekit.text import clean

COLUMNS = ("id", "name", "size")
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def is_kept(text: str) -> bool:
    """Whether a text is as the one rule for texts leaves it, as every stored text is."""
    try:
        return clean(text) == text
    except ValueError:
        return False


# Texts that begin as formulas do, and with apostrophes before that, as often as any others.
starts = st.text(alphabet="'" + "".join(DANGEROUS), max_size=3)
texts = st.builds(lambda start, rest: start + rest, starts, st.text(max_size=20)).filter(is_kept)


def test_the_file_begins_with_a_mark_and_has_semicolons_and_windows_line_ends() -> None:
    content = write_table(COLUMNS, [("a", "Åsa", 3), ("b", None, -4)])
    assert content == "\ufeffid;name;size\r\na;Åsa;3\r\nb;;-4\r\n".encode()


def test_values_that_hold_separators_quotes_or_line_ends_are_quoted() -> None:
    content = write_table(COLUMNS, [("a;b", 'Vård "dag"', None), ("c", "one\ntwo", None)])
    assert content.decode("utf-8-sig") == (
        'id;name;size\r\n"a;b";"Vård ""dag""";\r\nc;"one\ntwo";\r\n'
    )


@pytest.mark.parametrize("start", DANGEROUS)
def test_a_text_that_a_spreadsheet_might_run_gets_an_apostrophe(start: str) -> None:
    content = write_table(COLUMNS, [("a", f"{start}cmd|' /C calc'!A0", 3)])
    ((_, name, _),) = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))[1:]
    assert name.startswith(f"'{start}")


def test_numbers_stay_numbers_also_below_zero() -> None:
    assert b"\r\na;B;-3\r\n" in write_table(COLUMNS, [("a", "B", -3)])


def test_a_row_of_another_length_is_the_callers_fault() -> None:
    with pytest.raises(ValueError, match="zip"):
        write_table(COLUMNS, [("a", "B")])


@given(st.text() | texts)
def test_the_guard_is_taken_away_exactly(text: str) -> None:
    guarded = with_guard(text)
    assert without_guard(guarded) == text
    assert not guarded.startswith(DANGEROUS)


@pytest.mark.parametrize("text", ["'", "'quoted'", "a=b", "O'Hara", "''"])
def test_harmless_texts_are_not_touched(text: str) -> None:
    assert with_guard(text) == without_guard(text) == text


@given(st.lists(st.tuples(texts, texts, st.integers()), min_size=1, max_size=8))
def test_what_is_written_is_read_again(rows: list[tuple[str, str, int]]) -> None:
    table = read_table(write_table(COLUMNS, rows), COLUMNS)
    assert table.faults == []
    found = [tuple(row.values[column] for column in COLUMNS) for row in table.rows]
    assert found == [(id_, name, str(size)) for id_, name, size in rows]
