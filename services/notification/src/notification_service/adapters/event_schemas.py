"""The published JSON Schemas of events, which come with the contracts."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import contracts

FOLDER = Path(contracts.__file__).parents[2]


def read(folder: Path = FOLDER) -> Mapping[str, bytes]:
    """Every schema by the end of its address: `<type>.json` is the newest, `<type>/0001.json` one
    revision."""
    found = {path.name: path.read_bytes() for path in (folder / "schemas").glob("*.json")}
    for path in (folder / "published").glob("*/*.json"):
        found[f"{path.parent.name}/{path.name}"] = path.read_bytes()
    return MappingProxyType(found)
