"""The form of how another system's files are read, and the body that the services take."""

from collections.abc import Mapping
from typing import Any

from portal_service.domain.document_form import Shape
from portal_service.domain.upload import Kind

COLUMNS: Mapping[Kind, tuple[str, ...]] = {
    "units": ("unit_id", "name", "kind", "parent_id", "headcount"),
    "persons": (
        *("person_id", "name", "email", "language", "role", "unit_id"),
        *("valid_from", "valid_to", "phone", "hsa_id"),
    ),
}
_IS = " = "


def shape_of(kind: Kind) -> Shape:
    texts = dict.fromkeys(COLUMNS[kind], "")
    return {"columns": texts, "values": texts, "defaults": texts, "lower_case": ""}


def document_of(mapping: Mapping[str, Any], kind: Kind) -> dict[str, Any]:
    """A saved mapping as the form has it: a line for each value of the file."""
    columns, values, defaults = (mapping[part] for part in ("columns", "values", "defaults"))
    lines = {
        column: "\n".join(f"{theirs}{_IS}{ours}" for theirs, ours in values.get(column, {}).items())
        for column in COLUMNS[kind]
    }
    return {
        "columns": {column: columns.get(column, "") for column in COLUMNS[kind]},
        "values": lines,
        "defaults": {column: defaults.get(column, "") for column in COLUMNS[kind]},
        "lower_case": "yes" if mapping["ids"] == "lower_case" else "",
    }


def body_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, as the services take it. A line without a sign of equality is of an empty
    cell."""
    values = {column: _values(lines) for column, lines in document["values"].items()}
    return {
        "columns": _filled(document["columns"]),
        "values": _filled(values),
        "defaults": _filled(document["defaults"]),
        "ids": "lower_case" if document["lower_case"] else "as_they_are",
    }


def _values(lines: str) -> dict[str, str]:
    pairs = [line.partition(_IS.strip()) for line in lines.splitlines() if line.strip()]
    return {theirs.strip(): ours.strip() for theirs, _, ours in pairs}


def _filled(texts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: text for name, text in texts.items() if text}


def field_of(pointer: str) -> str:
    """The field that a fault at a pointer is about: a value is on a line of its column's field."""
    return "/".join(pointer.split("/")[:3])
