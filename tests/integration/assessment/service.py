"""The assessment service as its tests call it: over HTTP, with real tokens."""

import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx

from assessment_service.application.ports import PausesUnknownError
from assessment_service.bootstrap import Assessment
from assessment_service.domain.pauses import Mark
from assessment_service.domain.round import Unit
from assessment_service.entrypoints.jobs import ReleaseJob
from devstack.issuer import Issuer
from devstack.personas import Assignment, Persona
from support.eventually import eventually

INSTRUMENT = json.loads(
    (Path(__file__).parents[3] / "demo" / "data" / "instrument.json").read_text(encoding="utf-8")
)
ITEMS = [item["item_id"] for item in INSTRUMENT["items"]]
UNITS = [
    Unit("region", None, "Sample region", 0, 1),
    Unit("health", "region", "Sample administration", 0, 1),
    Unit("ward", "health", "Sample ward", 20, 1),
    Unit("clinic", "health", "Sample clinic", 12, 1),
    Unit("office", "region", "Sample office", 9, 1),
]


def sheet(value: int | None) -> dict[str, int | None]:
    """The same answer to every item."""
    return dict.fromkeys(ITEMS, value)


class FakeWorkflow:
    """The workflow service, as far as this service asks it."""

    def __init__(self) -> None:
        self.marks: list[Mark] = []
        self.away = False
        self.asked = 0

    async def pauses(self) -> list[Mark]:
        self.asked += 1
        if self.away:
            raise PausesUnknownError("away")
        return self.marks


class Service:
    """A running service on a database and a key folder of its own."""

    def __init__(
        self,
        app: Assessment,
        client: httpx.AsyncClient,
        issuer: Issuer,
        dsn: str,
        workflow: FakeWorkflow,
    ) -> None:
        self.app, self.client, self.dsn, self.workflow = app, client, dsn, workflow
        self._issuer = issuer

    def token(self, subject: str, roles: Sequence[str], units: Sequence[str] = ()) -> str:
        held = tuple(Assignment(role, unit) for role in roles for unit in units or (None,))
        persona = Persona(subject, subject, held)
        return self._issuer.access_token(persona, "test")

    async def ask(
        self,
        method: str,
        path: str,
        *,
        role: str = "administrator",
        subject: str = "sample-person",
        units: Sequence[str] = ("*",),
        key: str | None = None,
        **request: Any,
    ) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.token(subject, [role], units)}"}
        if method == "POST":
            headers["idempotency-key"] = key or str(uuid4())
        headers |= request.pop("headers", {})
        return await self.client.request(method, path, headers=headers, **request)

    async def prepare(self) -> None:
        """Units and an instrument."""
        async with self.app.uow() as uow:
            for unit in UNITS:
                await uow.units.save(unit)
        published = await self.ask("POST", "/instruments", json=INSTRUMENT)
        assert published.status_code == 201, published.text

    def opening(self, units: Iterable[str], **changes: Any) -> dict[str, Any]:
        """A body for POST /rounds."""
        return {
            "release_id": str(uuid4()),
            "rollout_id": str(uuid4()),
            "occasion": "baseline",
            "instrument_id": INSTRUMENT["instrument_id"],
            "instrument_version": 1,
            "closes_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
            "unit_ids": list(units),
            **changes,
        }

    async def open(self, body: dict[str, Any]) -> dict[str, str]:
        """Unit id > round id of newly opened rounds."""
        opened = await self.ask("POST", "/rounds", role="service", json=body)
        assert opened.status_code == 200, opened.text
        return {r["unit_id"]: r["round_id"] for r in opened.json()["rounds"]}

    async def answer(
        self, round_id: str, unit: str, subject: str, answers: dict[str, int | None]
    ) -> httpx.Response:
        return await self.ask(
            "PUT",
            f"/rounds/{round_id}/answer",
            role="employee",
            subject=subject,
            units=[unit],
            json={"answers": answers},
        )

    async def fill(self, rounds: dict[str, str], people: dict[str, int]) -> None:
        """Unit id > how many people answer; their answers differ."""
        for unit, count in people.items():
            for number in range(count):
                given = sheet(1 + number % 4)
                done = await self.answer(rounds[unit], unit, f"{unit}-{number}", given)
                assert done.status_code == 200, done.text

    async def close(self, round_id: str) -> None:
        closed = await self.ask("POST", f"/rounds/{round_id}/close")
        assert closed.status_code == 200, closed.text

    async def work(self) -> None:
        """Do what the worker does once per interval."""
        await ReleaseJob(self.app).run()

    async def rows(self, query: str, *values: object) -> list[Any]:
        connection = await asyncpg.connect(self.dsn)
        try:
            found: list[Any] = await connection.fetch(query, *values)
            return found
        finally:
            await connection.close()

    async def are_waiting(self, sessions: int) -> None:
        """Return when so many sessions of the database wait for a lock."""
        query = (
            "select count(*) from pg_stat_activity"
            " where datname = current_database() and wait_event_type = 'Lock'"
        )

        async def waiting() -> bool:
            return bool((await self.rows(query))[0][0] == sessions)

        await eventually(waiting, within=30)

    async def events(self) -> list[tuple[str, dict[str, Any]]]:
        """What is in the outbox: (type, payload) in order."""
        rows = await self.rows("select type, payload from outbox order by id")
        return [(row["type"], json.loads(row["payload"])) for row in rows]

    async def disposal(self) -> list[tuple[int, int]]:
        """Per rollout and occasion: how many answers were counted, and sheets destroyed."""
        rows = await self.rows("select answers_counted, sheets_destroyed from disposals")
        return [(row["answers_counted"], row["sheets_destroyed"]) for row in rows]

    async def status(self, round_id: str | UUID) -> str:
        answer = await self.ask("GET", f"/rounds/{round_id}")
        return str(answer.json()["status"])


StartService = Callable[..., Awaitable[Service]]
"""Starts the service on the test's database; more than one is as several processes."""
