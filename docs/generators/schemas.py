"""JSON Schemas of all events, and the append-only record of every schema and sample ever published.

`schemas/<type>.json` is the schema as of now. `published/<type>/0001.json`, `0002.json` ... keep
each shape that was ever shipped, and `samples/<type>/` an example of each.
"""

import json
from pathlib import Path
from typing import Any

from contracts import Event
from contracts.registry import EVENTS

BASE = Path("shared/contracts")
_SAMPLE_TEXTS = {
    "date": "2026-09-01",
    "date-time": "2026-09-01T08:00:00Z",
    "uuid": "3f2b8c1e-8d0a-4c57-9d0e-5a1f0c6b7e21",
}


def schema_of(event: type[Event]) -> dict[str, Any]:
    """The event's payload as JSON Schema 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": event.schema_url(),
        **event.model_json_schema(mode="validation"),
    }


def sample_of(schema: dict[str, Any], root: dict[str, Any] | None = None) -> Any:
    """A valid example value, made from the schema's own examples, formats and bounds."""
    root = root or schema
    if "$ref" in schema:
        return sample_of(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    if "examples" in schema:
        return schema["examples"][0]
    if "anyOf" in schema:
        return sample_of(schema["anyOf"][0], root)
    match schema.get("type"):
        case "object":
            return {name: sample_of(part, root) for name, part in schema["properties"].items()}
        case "array":
            return [sample_of(schema["items"], root)]
        case "string":
            return _SAMPLE_TEXTS.get(schema.get("format", ""), "sample")
        case "boolean":
            return False
        case "integer" | "number":
            return max(schema.get("minimum", 1), 1) * schema.get("multipleOf", 1)
    return None


def dump(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def files(root: Path) -> dict[Path, str]:
    found: dict[Path, str] = {}
    for name, event in EVENTS.items():
        schema = schema_of(event)
        found[BASE / "schemas" / f"{name}.json"] = dump(schema)
        history = sorted((root / BASE / "published" / name).glob("*.json"))
        if not history or json.loads(history[-1].read_text()) != schema:
            number = f"{len(history) + 1:04d}.json"
            found[BASE / "published" / name / number] = dump(schema)
            found[BASE / "samples" / name / number] = dump(sample_of(schema))
    return found
