"""Content types that mean the same are the same, and JSON is known in every spelling."""

import pytest

from servicekit.media_type import is_json, media_type


@pytest.mark.parametrize(
    ("header", "other"),
    [
        ("application/json", "Application/JSON; charset=UTF-8"),
        ("application/json", "application/json;charset=latin-1"),  # JSON has no charset.
        ("text/csv", 'TEXT/CSV ; Charset="utf-8"'),
        ("text/csv; charset=windows-1252", "text/csv;charset=Windows-1252;header=present"),
    ],
)
def test_spelling_does_not_matter(header: str, other: str) -> None:
    assert media_type(header) == media_type(other)


def test_type_and_charset_matter() -> None:
    kinds = ("text/csv", "text/csv;charset=windows-1252", "application/json", "text/plain")
    assert len(set(map(media_type, kinds))) == 4


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("application/json", True),
        ("Application/Merge-Patch+JSON; v=1", True),
        ("application/jsonl", False),
        ("text/json", False),
        ("json", False),
        ("", False),
    ],
)
def test_json_is_known(header: str, expected: bool) -> None:
    assert is_json(header) is expected
