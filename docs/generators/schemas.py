"""JSON Schemas of all events, and the append-only record of every schema and sample ever published.

`schemas/<type>.json` is the schema as of now. `published/<type>/0001.json`, `0002.json` ... keep
each shape that was ever shipped, and `samples/<type>/` an example of each.
"""

import json
from pathlib import Path
from typing import Any

from contracts import Event
from contracts.registry import EVENTS
from servicekit.samples import sample_of

BASE = Path("shared/contracts")


def schema_of(event: type[Event]) -> dict[str, Any]:
    """The event's payload as JSON Schema 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": event.schema_url(),
        **event.model_json_schema(mode="validation"),
    }


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
            found[BASE / "samples" / name / number] = dump(
                sample_of(schema, schema.get("$defs", {}))
            )
    return found
