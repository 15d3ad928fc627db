"""Whether a reader of one JSON Schema can read what a writer of another one writes, both ways.

The rule is stricter than JSON Schema needs: only optional properties may be added; everything else
stays as it was. Words for people (title, description, examples) may change.
"""

from typing import Any

_FOR_PEOPLE = {"title", "description", "examples", "$id", "$schema"}


def _bare(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {
            k: _bare(v)
            for k, v in schema.items()
            if k not in _FOR_PEOPLE or not isinstance(v, str | list)
        }
    return [_bare(part) for part in schema] if isinstance(schema, list) else schema


def incompatibilities(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """What keeps `new` from replacing `old`; an empty list means that it may."""
    found = _object_changes(_bare(old), _bare(new), "")
    for name, definition in old.get("$defs", {}).items():
        if name not in new.get("$defs", {}):
            found.append(f"/$defs/{name} is gone")
        else:
            found += _object_changes(_bare(definition), _bare(new["$defs"][name]), f"/$defs/{name}")
    return found


def _object_changes(old: dict[str, Any], new: dict[str, Any], path: str) -> list[str]:
    found = []
    if set(old.get("required", [])) != set(new.get("required", [])):
        found.append(f"{path}/required changed")
    for name, schema in old.get("properties", {}).items():
        if name not in new.get("properties", {}):
            found.append(f"{path}/properties/{name} is gone")
        elif new["properties"][name] != schema:
            found.append(f"{path}/properties/{name} changed")
    rest = {"required", "properties", "$defs"}
    if {k: v for k, v in old.items() if k not in rest} != {
        k: v for k, v in new.items() if k not in rest
    }:
        found.append(f"{path or '/'} changed")
    return found
