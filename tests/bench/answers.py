"""How many answers per second one api process of the assessment service takes, beside a bare one.

The bare endpoints are FastAPI with one round trip to PostgreSQL each, served and driven in the
same way. The service also verifies a signed token, checks and encrypts the sheet and scores it.
"""

import asyncio
import csv
import json
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx

import devstack
from bench.figures import Counter, Say, Section, compare, interleave
from bench.load import drive, request
from bench.server_process import Server, free_port, process
from devstack import Stack
from servicekit import migrations
from servicekit.settings import Database
from support.apps import unique
from support.databases import create_database, drop_database

ROOT = Path(__file__).resolve().parents[2]
MIGRATIONS = ROOT / "services" / "assessment" / "migrations"
INSTRUMENT = json.loads((ROOT / "demo" / "data" / "instrument.json").read_text(encoding="utf-8"))
UNITS, PEOPLE_PER_UNIT, CONNECTIONS = 50, 40, 16
SERVICE = "PUT /rounds/{id}/answer"
INSERT, SELECT = "bare endpoint, insert", "bare endpoint, select 1"


def write_people(path: Path) -> None:
    """The issuer's file of sample people who may answer."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["person_id", "name", "email", "language", "role", "unit_id"])
        for number, unit in _people():
            name = f"sample-person-{number:04}"
            row = [name, f"Sample person {number:04}", f"{name}@example.se", "sv", "employee", unit]
            writer.writerow(row)


def _people() -> list[tuple[int, str]]:
    """Person's number and unit, unit by unit in turn, so that neighbours are in different units."""
    return [(n, f"unit-{n % UNITS:02}") for n in range(UNITS * PEOPLE_PER_UNIT)]


class Bench:
    """Both servers, and the tokens of everyone who answers."""

    def __init__(
        self, stack: Stack, service: Server, bare: Server, database: asyncpg.Connection
    ) -> None:
        self._issuer = stack.env["ISSUER_URL"]
        self._service, self._bare, self._database = service, bare, database
        self._tokens: list[str] = []
        self.acknowledged = self.stored = 0
        self.cpu: dict[str, list[float]] = {}

    async def prepare(self) -> None:
        """Units, the instrument, and a token for each person."""
        await self._database.executemany(
            "insert into units values ($1, null, $1, $2, 1)",
            [(f"unit-{n:02}", PEOPLE_PER_UNIT) for n in range(UNITS)],
        )
        names = [f"person:sample-person-{number:04}" for number, _ in _people()]
        issued = await asyncio.to_thread(devstack.tokens, self._issuer, names)
        self._tokens = [issued[name] for name in names]
        await self._post("administrator", "/instruments", INSTRUMENT)

    async def _post(self, persona: str, path: str, body: Mapping[str, object]) -> Any:
        token = await asyncio.to_thread(devstack.token, self._issuer, persona)
        headers = {"authorization": f"Bearer {token}", "idempotency-key": str(uuid4())}
        async with httpx.AsyncClient(timeout=60) as client:
            url = f"http://127.0.0.1:{self._service.port}/v1{path}"
            answer = await client.post(url, json=body, headers=headers)
        assert answer.is_success, f"{path} was answered {answer.status_code}: {answer.text}"
        return answer.json()

    async def service(self, count: int) -> float:
        """Answers per second; every person answers once in a round that was just opened."""
        units = [unit for _, unit in _people()[:UNITS]]
        opened = await self._post("service", "/rounds", opening(units))
        rounds = {r["unit_id"]: r["round_id"] for r in opened["rounds"]}
        requests = [
            request("PUT", f"/v1/rounds/{rounds[unit]}/answer", sheet(number), self._tokens[number])
            for number, unit in _people()[:count]
        ]
        rate = await self._drive(SERVICE, self._service, requests)
        self.acknowledged += count
        self.stored = await self._database.fetchval("select count(*) from keyed_sheets")
        return rate

    async def bare(self, name: str, path: str, count: int) -> float:
        """The same bodies and headers to a bare endpoint."""
        requests = [
            request("PUT", f"{path}/{uuid4()}", sheet(number), self._tokens[number])
            for number in range(count)
        ]
        return await self._drive(name, self._bare, requests)

    async def _drive(self, name: str, server: Server, requests: Sequence[bytes]) -> float:
        before = server.cpu_seconds()
        rate = await drive(server.port, requests, CONNECTIONS)
        used = server.cpu_seconds() - before
        self.cpu.setdefault(name, []).append(1e6 * used / len(requests))
        return rate


def opening(unit_ids: Sequence[str]) -> dict[str, object]:
    """The body that opens a round in each unit."""
    return {
        "release_id": str(uuid4()),
        "rollout_id": str(uuid4()),
        "occasion": "baseline",
        "instrument_id": INSTRUMENT["instrument_id"],
        "instrument_version": INSTRUMENT["version"],
        "closes_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
        "unit_ids": list(unit_ids),
    }


def sheet(number: int) -> bytes:
    """A whole sheet of answers."""
    values = {item["item_id"]: 1 + number % 4 for item in INSTRUMENT["items"]}
    return json.dumps({"answers": values}).encode()


@asynccontextmanager
async def bench(stack: Stack) -> AsyncIterator[Bench]:
    """A database of its own, the service's api process and the bare one."""
    admin, name = stack.env["POSTGRES_ADMIN_DSN"], unique("bench_")
    async with AsyncExitStack() as exits:
        exits.push_async_callback(drop_database, admin, name)
        database = await create_database(admin, name)
        await asyncio.to_thread(migrations.upgrade, MIGRATIONS, database)
        keys = exits.enter_context(tempfile.TemporaryDirectory())
        logs, port, bare_port = stack.directory / "log", free_port(), free_port()
        env = settings(stack, database, port, keys)
        service = await exits.enter_async_context(
            process(logs / "bench-service.log", port, "assessment_service", "api", env=env)
        )
        assert database.migration_dsn
        owner = database.migration_dsn.get_secret_value()
        env = {"BENCH_DSN": owner, "BENCH_PORT": str(bare_port)}
        bare = await exits.enter_async_context(
            process(logs / "bench-bare.log", bare_port, "bench.bare_api", env=env)
        )
        connection = await asyncpg.connect(owner)
        exits.push_async_callback(connection.close)
        yield Bench(stack, service, bare, connection)


def settings(stack: Stack, database: Database, port: int, keys: str) -> dict[str, str]:
    """The environment of the service's api process."""
    return {
        "ASSESSMENT_ENVIRONMENT": "local",
        "ASSESSMENT_DB__DSN": database.dsn.get_secret_value(),
        "ASSESSMENT_KAFKA__BOOTSTRAP_SERVERS": stack.env["KAFKA_BOOTSTRAP_SERVERS"],
        "ASSESSMENT_HTTP__PORT": str(port),
        "ASSESSMENT_AUTH__ISSUER": stack.env["ISSUER_URL"],
        "ASSESSMENT_ROUND_KEYS__DIRECTORY": keys,
    }


async def measure(stack: Stack, quick: bool, say: Say) -> Section:
    """The part `answers` of the bench."""
    say("answers: a database, an api process and a bare one")
    rounds, count = (2, 600) if quick else (4, 2_000)
    async with bench(stack) as it:
        await it.prepare()
        results = await interleave(
            {
                SERVICE: lambda: it.service(count),
                INSERT: lambda: it.bare(INSERT, "/insert", count),
                SELECT: lambda: it.bare(SELECT, "/select", count),
            },
            rounds,
            say,
        )
    return Section(
        "answers: submission beside a bare FastAPI endpoint",
        f"{rounds} rounds of {count} answers of {len(INSTRUMENT['items'])} items in {UNITS} units, "
        f"{CONNECTIONS} connections, one server process; load generator on the same machine.",
        [
            *compare(results, "req/s", {}),
            *compare({n: runs[-rounds:] for n, runs in it.cpu.items()}, "CPU us/req", {}),
        ],
        [
            Counter(
                "answers: acknowledged as stored but not in the database",
                it.acknowledged - it.stored,
                0,
            )
        ],
    )
