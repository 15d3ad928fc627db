"""JSON that two readers could understand differently is refused, and no other."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekit.json_body import UnfitJson, check

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ('{"a": 1, "a": 1}', ["/body/a"]),
        ('{"name": {"sv": "A", "en": "B", "sv": "C"}}', ["/body/name/sv"]),
        ('[{"a": 1}, {"a/b": 1, "a/b": 2, "~": 1, "~": 2}]', ["/body/1/a~1b", "/body/1/~0"]),
        ('{"a": 1, "\\u0061": 2}', ["/body/a"]),
        ('{"a": {"b": 1, "b": 2}, "a": 3}', ["/body/a"]),
        ('{"\\ud800": 1, "\\ud800": 2}', ["/body/?"]),
    ],
)
def test_a_name_given_twice_is_refused_with_its_place(body: str, pointers: list[str]) -> None:
    with pytest.raises(UnfitJson) as refused:
        check(body.encode())
    assert (refused.value.status_code, refused.value.pointers) == (422, pointers)


@pytest.mark.parametrize("body", ['{"a": NaN}', "[Infinity]", "-Infinity"])
def test_numbers_that_json_does_not_have_are_refused(body: str) -> None:
    with pytest.raises(UnfitJson) as refused:
        check(body.encode())
    assert (refused.value.status_code, refused.value.code) == (400, "malformed-json")


@given(VALUES)
def test_any_other_json_is_accepted(value: Any) -> None:
    check(json.dumps(value).encode())


@given(st.binary())
def test_what_is_no_json_is_left_to_its_reader(body: bytes) -> None:
    with suppress(UnfitJson):
        check(body)
    check(b"[" * 100_000)
