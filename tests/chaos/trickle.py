"""A steady load beside the main one, so that something is under way whenever a process is killed.

Three kinds of requests: a new unit and a change to the last one (four services follow it), a
module drafted and published, an instrument. Each attempt is in the ledger before it is sent.
"""

import asyncio
import copy
import json
from contextlib import suppress
from typing import Any

from demo.api import Api, DemoError
from demo.organisation import DATA
from demo.story import FIRST

_HEADER = "unit_id,name,kind,parent_id,headcount"
_PARENT = "sjukhus"


class Trickle:
    """Works until stopped, at about `per_second` requests."""

    def __init__(self, api: Api, per_second: float, name: str = "trickle") -> None:
        """`name` is what the ids begin with of all that it makes."""
        self._api, self._pause, self._name = api, 1 / per_second, name
        self._instrument = json.loads((DATA / "instrument.json").read_text(encoding="utf-8"))
        module = sorted((DATA / "modules").glob("*.json"))[0]
        self._module = json.loads(module.read_text(encoding="utf-8"))
        self.asked = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Three lanes, each one request at a time, as three patient clients would."""
        lanes = (self._units, self._modules, self._instruments)
        await asyncio.gather(*(self._lane(lane, stop) for lane in lanes))

    async def _lane(self, lane: Any, stop: asyncio.Event) -> None:
        number = 0
        while not stop.is_set():
            number += 1
            self.asked += 1
            with suppress(DemoError):  # In the ledger as refused or unknown.
                await lane(number)
            await asyncio.sleep(self._pause * 3)

    async def _units(self, number: int) -> None:
        unit_id = f"{self._name}-{number:05d}"
        rows = [_HEADER, f"{unit_id},Trickle {number},unit,{_PARENT},8"]
        if number > 1:
            last = number - 1
            rows.append(f"{self._name}-{last:05d},Trickle {last} changed,unit,{_PARENT},9")
        await self._post("workflow", "/units/import", "\n".join(rows), "trickle-unit", unit_id)

    async def _modules(self, number: int) -> None:
        name = f"{self._name}-{number:05d}"
        module = copy.deepcopy(self._module) | {"module_id": name}
        await self._post("content", "/modules", module, "trickle-module", name)
        await self._post("content", f"/modules/{name}/publish", None, "trickle-publish", name)

    async def _instruments(self, number: int) -> None:
        name = f"{self._name}-{number:05d}"
        document = self._instrument | {"instrument_id": name}
        await self._post("assessment", "/instruments", document, "trickle-instrument", name)

    async def _post(self, service: str, path: str, body: Any, kind: str, about: str) -> None:
        await self._api.post(FIRST, service, path, body, kind=kind, about=about)
