"""Forms of documents with rows, and texts that are JSON."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from portal_service.domain import instrument_form, json_text, mapping_form, module_form
from portal_service.domain.document_form import (
    change_rows,
    differences,
    place_of,
    typed_document,
    values_of,
)
from unit.portal import library_answers

SHAPE: Any = {"name": "", "rows": [{"text": {"sv": "", "en": ""}, "inner": [{"minutes": "5"}]}]}
TYPED = {
    "/name": " Start ",
    "/rows/0/text/sv": "Ett",
    "/rows/7/inner/0/minutes": "10",
    "/rows/x/text/sv": "odd",
    "/rows/99999/text/sv": "too many",
    "/elsewhere": "x",
    "sent": "x",
}
DATA = Path(__file__).parents[3] / "demo" / "data"


def test_what_was_typed_becomes_a_document_without_gaps() -> None:
    assert typed_document(SHAPE, TYPED) == {
        "name": "Start",
        "rows": [
            {"text": {"sv": "Ett", "en": ""}, "inner": []},
            {"text": {"sv": "", "en": ""}, "inner": [{"minutes": "10"}]},
        ],
    }


@pytest.mark.parametrize(
    ("how", "pointer", "names"),
    [
        ("add", "/rows", ["a", "b", ""]),
        ("remove", "/rows/0", ["b"]),
        ("up", "/rows/1", ["b", "a"]),
        ("up", "/rows/0", ["a", "b"]),
        *(
            (how, pointer, ["a", "b"])
            for how in ("add", "remove", "up")
            for pointer in ("", "/", "/rows/5", "/rows/x", "/name", "/unheard-of", "/rows/0/text")
        ),
    ],
)
def test_rows_change(how: str, pointer: str, names: list[str]) -> None:
    document = {"name": "", "rows": [{"text": {"sv": n, "en": ""}, "inner": []} for n in "ab"]}
    change_rows(SHAPE, document, how, pointer)
    assert [row["text"]["sv"] for row in document["rows"]] == names  # type: ignore[index]


def test_a_new_row_is_of_its_own() -> None:
    document = typed_document(SHAPE, {})
    for pointer in ("/rows", "/rows", "/rows/1/inner"):
        change_rows(SHAPE, document, "add", pointer)
    assert [row["inner"] for row in document["rows"]] == [[], [{"minutes": "5"}]]


def test_two_documents_differ_in_their_fields() -> None:
    mine: dict[str, Any] = {"name": "x", "rows": [{"a": "1"}]}
    theirs = {"name": "x", "rows": [{"a": "2"}, {"a": "3"}]}
    assert differences(mine, theirs) == [("/rows/0/a", "1", "2"), ("/rows/1/a", "", "3")]
    assert differences(mine, deepcopy(mine)) == []
    assert differences({"a": "One\r\n\r\nTwo"}, {"a": "One\n\nTwo"}) == []


def test_a_place_counts_rows_from_one() -> None:
    assert place_of("/items/0/title/sv") == [("items", 1), ("title", None), ("sv", None)]


def test_a_draft_comes_back_as_it_was_stored() -> None:
    for path in (DATA / "modules").glob("*.json"):
        stored = json.loads(path.read_text("utf-8"))
        del stored["module_id"]
        for item in stored["items"]:
            item.setdefault("url", None)
            item.setdefault("variants", [])
        typed = values_of(module_form.document_of(stored))
        sent = module_form.body_of(typed_document(module_form.SHAPE, typed))
        assert sent | {"behaviours": None} == stored | {"behaviours": None}
        assert set(sent["behaviours"]) == set(stored["behaviours"])


def test_an_instrument_comes_back_as_it_was_published() -> None:
    instrument = json.loads((DATA / "instrument.json").read_text("utf-8"))
    shape = instrument_form.shape_of(instrument["languages"])
    typed = values_of(instrument_form.document_of(instrument))
    document = typed_document(shape, typed)
    identity = (instrument["instrument_id"], instrument["version"], instrument["languages"])
    assert instrument_form.body_of(*identity, document) == instrument


def test_a_mapping_comes_back_as_it_was_saved() -> None:
    saved = library_answers.mapping()
    typed = values_of(mapping_form.document_of(saved, "units"))
    body = mapping_form.body_of(typed_document(mapping_form.shape_of("units"), typed))
    assert body == {name: saved[name] for name in ("columns", "values", "defaults", "ids")}


TEXT = """{
  "a": [1,
    {"b/c": "x, \\"y\\": [", "d": {}}
  ],
  "e": []
}"""


def test_each_value_of_a_json_text_has_its_line() -> None:
    lines = json_text.lines_of(TEXT)
    assert lines == {"": 1, "/a": 2, "/a/0": 2, "/a/1": 3, "/a/1/b~1c": 3, "/a/1/d": 3, "/e": 5}
    assert json_text.line_of("/a/1/d/unheard-of", lines) == 3
    assert json_text.line_of("/unheard-of", lines) == 1


@pytest.mark.parametrize(
    ("text", "line", "repeated"),
    [
        ("", 1, ""),
        ("[]", 1, ""),
        ('{"a": 1,\n}', 2, ""),
        ('{"a": 1,\n"a": 2}', 2, "a"),
        ('{"a": NaN}', 1, ""),
        ('{"a": 1e999}', 1, ""),
        ('{"a": "\\ud800"}', 1, ""),
        ("[" * 100_000, 1, ""),
        (f'{{"a": {"9" * 5_000}}}', 1, ""),
    ],
)
def test_what_is_no_json_object_says_where(text: str, line: int, repeated: str) -> None:
    with pytest.raises(json_text.NotJson) as caught:
        json_text.read(text)
    assert (caught.value.line, caught.value.repeated) == (line, repeated)
