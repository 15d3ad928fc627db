"""The published JSON Schemas of events, which come with the contracts."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import contracts
from contracts.envelope import SCHEMA_BASE

FOLDER = Path(contracts.__file__).parents[2]


def read(folder: Path = FOLDER) -> Mapping[str, bytes]:
    """Every schema by the end of its address: `<type>.json` is the newest, `<type>/0001.json` one
    revision. Each revision names its own address: the oldest were published without it."""
    found = {path.name: path.read_bytes() for path in (folder / "schemas").glob("*.json")}
    for path in (folder / "published").glob("*/*.json"):
        name = f"{path.parent.name}/{path.name}"
        schema = {**json.loads(path.read_bytes()), "$id": f"{SCHEMA_BASE}/{name}"}
        found[name] = json.dumps(schema, ensure_ascii=False).encode()
    return MappingProxyType(found)
