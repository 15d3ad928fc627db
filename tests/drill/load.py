"""What people do during a drill, and what they and the services have of it."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx

from devstack import Stack
from e2e.pilot import Administrator, begin
from support.eventually import eventually
from support.stack import signed_in

_INVITED = 2  # of each pilot unit: an employee and the manager


class Load:
    """Pilots by an administrator's requests, each named by when it began."""

    def __init__(self, stack: Stack) -> None:
        self._stack, self._drill = stack, uuid4().hex[:6]

    def unit(self, when: str) -> str:
        return f"{when}-{self._drill}"

    async def begin(self, when: str, units: int = 0) -> None:
        """A pilot begins; `units` others are imported before."""
        await asyncio.to_thread(self._begin, when, units)

    async def register(self, when: str) -> None:
        """A unit is new."""
        await asyncio.to_thread(self._import, Administrator(self._stack), [self.unit(when)])

    def _begin(self, when: str, units: int) -> None:
        administrator = Administrator(self._stack)
        if units:
            self._import(administrator, [f"{self.unit(when)}-{n}" for n in range(units)])
        begin(administrator, self.unit(when))

    def _import(self, administrator: Administrator, unit_ids: Sequence[str]) -> None:
        rows = [f"{unit_id},Övningsenhet {unit_id},unit,,9" for unit_id in unit_ids]
        text = "\n".join(["unit_id,name,kind,parent_id,headcount", *rows])
        administrator.post("workflow", "/units/import", text)

    async def texts(self) -> Sequence[dict[str, Any]]:
        """Every mail that has arrived."""
        file = self._stack.directory / "data" / "mailbox" / "messages.jsonl"
        text = await asyncio.to_thread(file.read_text, encoding="utf-8") if file.exists() else ""
        return [json.loads(line) for line in text.splitlines()]

    async def mails(self) -> int:
        return len(await self.texts())

    async def mailed(self, when: str) -> None:
        """Wait until everybody of the pilot unit is invited, and this is stored.

        A mail that was sent by a process that then died is sent again, restored or not.
        """

        async def all_are() -> bool:
            mails = [m for m in await self.texts() if self.unit(when) in str(m["recipients"])]
            return len(mails) >= _INVITED and not await self._pending(when)

        await eventually(all_are, within=90, pause=0.3)

    async def waiting(self, when: str) -> int:
        """Wait until the invitations of the pilot unit are there again; how many wait."""

        async def there() -> int:
            waiting = await self._pending(when)
            return waiting if waiting >= _INVITED else 0

        try:
            return await eventually(there, within=45, pause=0.3)
        except AssertionError:
            return 0

    async def _pending(self, when: str) -> int:
        answer = await self._ask("GET", "notification", "/messages?status=pending&limit=200")
        return sum(one["unit_id"] == self.unit(when) for one in answer["items"])

    async def lift(self) -> None:
        """As the operator does who sees that people have had the messages."""
        until = {"already_sent_until": datetime.now(UTC).isoformat()}
        await self._ask("POST", "notification", "/quarantine/lift", "operator", until)

    async def _ask(
        self, method: str, service: str, path: str, persona: str = "administrator", body: Any = None
    ) -> Any:
        headers = await asyncio.to_thread(signed_in, self._stack, persona)
        headers["idempotency-key"] = str(uuid4())
        url = f"{self._stack.env[f'{service.upper()}_URL']}/v1{path}"
        async with httpx.AsyncClient(headers=headers, timeout=30) as client:
            return (await client.request(method, url, json=body)).raise_for_status().json()


def mails_twice(mails: Sequence[dict[str, Any]]) -> int:
    """How many mails somebody got who had had one of the same text."""
    texts = Counter((str(one["recipients"]), one["text"]) for one in mails)
    return sum(n - 1 for n in texts.values())
