"""Example values made from JSON Schemas, for documents that people and programs read."""

from collections.abc import Mapping
from typing import Any

_BY_FORMAT = {
    "date": "2026-09-01",
    "date-time": "2026-09-01T08:00:00Z",
    "uuid": "3f2b8c1e-8d0a-4c57-9d0e-5a1f0c6b7e21",
    "uri": "https://hr.example.se/um",
}
_BY_PATTERN = {"^[a-z]{2}$": "sv", "^https://": "https://hr.example.se/um"}


def sample_of(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Any:
    """A valid value of the schema: its own example or default if it has one, else one made from
    type, format and bounds. `definitions` maps the last part of a `$ref` to its schema."""
    if "$ref" in schema:
        return sample_of(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    for given in ("examples", "enum"):
        if schema.get(given):
            return schema[given][0]
    for given in ("example", "const"):
        if given in schema:
            return schema[given]
    for combined in ("anyOf", "oneOf", "allOf"):
        if combined in schema:
            return sample_of(schema[combined][0], definitions)
    return _by_type(schema, definitions)


def _by_type(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Any:
    match schema.get("type"):
        case "object":
            return _object(schema, definitions)
        case "array":
            items = schema.get("items", {})
            return [sample_of(items, definitions)] * max(schema.get("minItems", 1), 1)
        case "string":
            return _text(schema)
        case "boolean":
            return schema.get("default", False)
        case "integer" | "number":
            least = max(schema.get("minimum", 1), 1) * schema.get("multipleOf", 1)
            return int(least) if schema["type"] == "integer" else least
        case "null":
            return None
    return {}


def _text(schema: Mapping[str, Any]) -> str:
    pattern = schema.get("pattern", "")
    by_pattern = (text for start, text in _BY_PATTERN.items() if pattern.startswith(start))
    text: str = _BY_FORMAT.get(schema.get("format", "")) or next(by_pattern, "sample")
    return text[: schema.get("maxLength")]


def _object(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    if "properties" in schema:
        return {name: sample_of(part, definitions) for name, part in schema["properties"].items()}
    value = schema.get("additionalProperties")
    if not isinstance(value, Mapping):
        return {}
    key = str(sample_of(schema.get("propertyNames", {"const": "sample"}), definitions))
    return {key: sample_of(value, definitions)}
