"""How long a region waits for its person file: 20,000 sample persons, as CSV and as a workbook."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from openpyxl import Workbook

import devstack
from bench.counters import counted_database
from bench.figures import Measure, Say, Section
from devstack import Stack
from people_service.bootstrap import People
from people_service.settings import ProviderSettings, Settings, Tokens
from servicekit.settings import Auth, Http, Kafka
from servicekit.workbook_file import MEDIA_TYPE
from support.databases import SERVICES

PERSONS = 20_000
UNITS = 700
_COLUMNS = ("person_id", "name", "email", "language", "role", "unit_id")


def rows(moved: int = 0) -> Iterator[tuple[str, ...]]:
    """The file, in which everybody's unit is `moved` further on."""
    yield _COLUMNS
    for n in range(PERSONS):
        who = (f"p-{n:06}", f"Exempelperson {n:06}", f"person{n:06}@example.se", "sv")
        yield *who, "employee", f"unit-{(n + moved) % UNITS}"


def as_csv(moved: int = 0) -> bytes:
    return "\n".join(",".join(row) for row in rows(moved)).encode()


def as_workbook(folder: Path) -> bytes:
    book = Workbook()
    for row in rows():
        book.active.append(row)
    book.save(folder / "persons.xlsx")
    return (folder / "persons.xlsx").read_bytes()


@asynccontextmanager
async def _client(stack: Stack, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The people service in this process, on an empty database, as an administrator uses it."""
    async with AsyncExitStack() as exits:
        migrations = SERVICES / "people" / "migrations"
        database, _ = await exits.enter_async_context(counted_database(stack, migrations))
        issuer = stack.env["ISSUER_URL"]
        app = People(
            Settings(
                environment="test",
                db=database,
                kafka=Kafka(bootstrap_servers=stack.env["KAFKA_BOOTSTRAP_SERVERS"]),
                http=Http(port=1),
                auth=Auth(issuer=issuer),
                tokens=Tokens(keys_directory=folder),
                providers=[ProviderSettings(name="local", issuer=issuer, audiences=["x"])],
            )
        )
        exits.push_async_callback(app.close)
        bearer = await asyncio.to_thread(devstack.token, issuer, "administrator")
        yield await exits.enter_async_context(
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app.api()),
                base_url="http://bench/v1",
                headers={"authorization": f"Bearer {bearer}"},
                timeout=300,
            )
        )


async def _import(
    client: httpx.AsyncClient, content: bytes, kind: str = "text/csv", **query: bool | str
) -> Any:
    """The answer's body."""
    headers = {"content-type": kind, "idempotency-key": str(uuid4())}
    answer = await client.post("/persons/import", content=content, params=query, headers=headers)
    assert answer.is_success, answer.text
    return answer.json()


async def _rate(
    client: httpx.AsyncClient, content: bytes, kind: str = "text/csv", **query: bool | str
) -> float:
    """Persons per second."""
    started = time.perf_counter()
    await _import(client, content, kind, **query)
    return PERSONS / (time.perf_counter() - started)


async def _confirmed_rate(client: httpx.AsyncClient, content: bytes) -> float:
    """Persons per second of a complete file that moves many: its trial run says how to confirm."""
    trial = await _import(client, content, dry_run=True, complete=True)
    return await _rate(client, content, complete=True, confirm=trial["confirm"])


async def measure(stack: Stack, quick: bool, say: Say) -> Section:
    """The part `imports` of the bench."""
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        csv, moved, book = as_csv(), as_csv(moved=1), as_workbook(folder)
        for number in range(1 if quick else 3):
            say(f"imports: run {number + 1}")
            async with _client(stack, folder) as client:
                for what, rate in (
                    ("dry run of new persons, CSV", _rate(client, csv, dry_run=True)),
                    ("the same, Excel", _rate(client, book, MEDIA_TYPE, dry_run=True)),
                    ("import of new persons, CSV", _rate(client, csv)),
                    ("complete, changes nothing", _rate(client, csv, complete=True)),
                    ("complete, moves everybody", _confirmed_rate(client, moved)),
                ):
                    found.setdefault(what, []).append(await rate)
    return Section(
        f"imports: a file of {PERSONS:,} persons in {UNITS} units",
        "One api process, over HTTP in memory; PostgreSQL is real.",
        [Measure(what, "persons/s", runs) for what, runs in found.items()],
    )
