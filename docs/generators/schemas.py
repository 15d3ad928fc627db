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


def schema_of(event: type[Event], revision: int) -> dict[str, Any]:
    """The event's payload as JSON Schema 2020-12. `$id` names the revision, `dataschema` in an
    event's envelope the newest one."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{event.schema_url().removesuffix('.json')}/{revision:04d}.json",
        **event.model_json_schema(mode="validation"),
    }


def dump(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def files(root: Path) -> dict[Path, str]:
    found: dict[Path, str] = {}
    for name, event in EVENTS.items():
        history = sorted((root / BASE / "published" / name).glob("*.json"))
        revision = len(history)
        if not history or _shape(json.loads(history[-1].read_text())) != _shape(
            schema_of(event, revision)
        ):
            revision += 1
            schema = schema_of(event, revision)
            found[BASE / "published" / name / f"{revision:04d}.json"] = dump(schema)
            sample = sample_of(schema, schema.get("$defs", {}))
            found[BASE / "samples" / name / f"{revision:04d}.json"] = dump(sample)
        found[BASE / "schemas" / f"{name}.json"] = dump(schema_of(event, revision))
    return found


def _shape(schema: dict[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in schema.items() if name != "$id"}
