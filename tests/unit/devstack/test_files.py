"""The address file is complete or absent, readable by its owner only, and reads back."""

from pathlib import Path

import pytest

from devstack.files import read_env, read_json, write_atomically, write_env


def test_an_environment_reads_back_with_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "stack.env"
    values = {"A_URL": "http://127.0.0.1:1/?a=b", "EMPTY": "", "QUOTED": "'a'", "QUOTE": "'"}
    write_env(path, values, "a comment")
    assert read_env(path) == values
    assert path.stat().st_mode & 0o777 == 0o600


def test_single_quotes_are_not_of_the_value(tmp_path: Path) -> None:
    path = tmp_path / "settings.env"
    path.write_text("""KEYS='["a", "b"]'\nLAST=it's\nONE='\n""")
    assert read_env(path) == {"KEYS": '["a", "b"]', "LAST": "it's", "ONE": "'"}


def test_a_line_break_is_refused_and_the_old_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "stack.env"
    write_env(path, {"A": "1"}, "a comment")
    with pytest.raises(ValueError, match="B holds a line break"):
        write_env(path, {"B": "1\nC=2"}, "a comment")
    assert read_env(path) == {"A": "1"}


def test_a_failed_write_leaves_no_file_behind(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "\ud800")
    assert list(tmp_path.iterdir()) == []


def test_what_is_absent_is_empty(tmp_path: Path) -> None:
    assert read_json(tmp_path / "none.json") == {}
    assert read_env(tmp_path / "none.env") == {}
