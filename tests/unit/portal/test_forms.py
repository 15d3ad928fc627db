"""A form from a schema, and the body from what was typed."""

import json
from pathlib import Path
from typing import Any

import pytest

from portal_service.domain.forms import Field, body_of, fields_of, sent_key, whole_number
from portal_service.domain.texts import FIELDS

ROOT = Path(__file__).parents[3]
SCHEMA = {
    "properties": {
        "note": {"anyOf": [{"type": "string", "maxLength": 2000}, {"type": "null"}]},
        "kind": {"type": "string", "enum": ["a", "b"]},
        "wave": {"type": "integer"},
        "day": {"type": "string", "format": "date"},
        "sure": {"type": "boolean"},
        "name": {"type": "string", "maxLength": 5},
        "expected_version": {"type": "integer"},
    },
    "required": ["kind", "wave"],
}


def fields() -> list[Field]:
    return fields_of(SCHEMA, ("expected_version",))


def test_required_fields_come_first_and_hidden_ones_not_at_all() -> None:
    found = [(field.name, field.control, field.required) for field in fields()]
    assert found == [
        ("kind", "choice", True),
        ("wave", "number", True),
        ("note", "area", False),
        ("day", "date", False),
        ("sure", "tick", False),
        ("name", "text", False),
    ]


def test_what_was_typed_becomes_the_body() -> None:
    typed = {"kind": "b", "wave": " 3 ", "note": "", "day": "2026-03-02", "sure": "yes", "x": "y"}
    assert body_of(fields(), typed) == (
        {"kind": "b", "wave": 3, "day": "2026-03-02", "sure": True},
        [],
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("kind", text) for text in ("", "c", "A", " ")),
        *(("wave", text) for text in ("", "-1", "1.5", "x", "²", "1e3", "9" * 5000)),
        *(("day", text) for text in ("2026-02-30", "today", "2026-03-02T10:00")),
        ("name", "longer"),
    ],
)
def test_what_cannot_be_sent_is_named(name: str, text: str) -> None:
    typed = {"kind": "a", "wave": "1", name: text}
    body, wrong = body_of(fields(), typed)
    assert wrong == [name]
    assert name not in body


@pytest.mark.parametrize(
    ("text", "number"), [("0", 0), ("12", 12), ("", None), ("-1", None), ("1" * 11, None)]
)
def test_whole_number(text: str, number: int | None) -> None:
    assert whole_number(text) == number


def test_only_a_uuid_is_the_key_of_a_form() -> None:
    key = "3f2b8c1e-8d0a-4c57-9d0e-5a1f0c6b7e21"
    assert sent_key(key) == key
    assert sent_key("é\r\nx: y") == ""
    assert sent_key("") == ""


def actions() -> list[tuple[str, dict[str, Any]]]:
    document = json.loads((ROOT / "docs/generated/openapi/workflow.json").read_text())
    schemas = document["components"]["schemas"]
    return [
        (path.rpartition("/")[2], schemas[_schema(operations["post"]).rpartition("/")[2]])
        for path, operations in document["paths"].items()
        if "/actions/" in path
    ]


def _schema(operation: dict[str, Any]) -> str:
    return str(operation["requestBody"]["content"]["application/json"]["schema"]["$ref"])


@pytest.mark.parametrize(("action", "schema"), actions())
def test_every_action_has_a_form(action: str, schema: dict[str, Any]) -> None:
    for field in fields_of(schema, ("expected_version", "decision_id")):
        assert field.name in FIELDS, f"{action}: no text for {field.name}"
        part = schema["properties"][field.name]
        kinds = {one.get("type") for one in part.get("anyOf", [part])}
        assert kinds <= {"string", "integer", "boolean", "null"}, f"{action}: {field.name}"
