"""The published samples of events, which come with the contracts."""

import json
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

import contracts
from contracts import Event

log = logging.getLogger(__name__)

FOLDER = Path(contracts.__file__).parents[2] / "samples"


def of(events: Iterable[type[Event]], folder: Path = FOLDER) -> Mapping[str, bytes]:
    """The newest sample of each type, as JSON; an empty object for a type that has none yet."""
    return MappingProxyType({event.TYPE: _newest(folder / event.TYPE) for event in events})


def _newest(folder: Path) -> bytes:
    found = sorted(folder.glob("*.json"))
    if not found:
        log.warning("there is no sample in %s: run make docs", folder)
        return b"{}"
    return json.dumps(json.loads(found[-1].read_bytes())).encode()
