"""How many answers per second one api process of the assessment service takes, beside a bare one;
what a visit costs, which reads the round first; and what an answer costs among many stored ones.

The bare endpoints are FastAPI with one round trip to PostgreSQL each, served and driven in the
same way. The service also verifies a signed token, checks and encrypts the sheet and scores it.
"""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from operator import add
from pathlib import Path
from secrets import token_bytes
from statistics import median, quantiles
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
from pydantic import SecretStr

from assessment_service.adapters.keyed_sheets import partition
from assessment_service.settings import RoundKeys, Settings
from bench.database import migrated_database
from bench.figures import Counter, Measure, Say, Section, compare, interleave
from bench.load import load, request
from bench.people_process import PEOPLE_PER_UNIT, UNITS, People, people, unit_of
from bench.server_process import Server, free_port, process
from devstack import Stack
from devstack.credentials import load_secrets
from devstack.options import Layout
from devstack.service_env import service_env, without_accounts
from servicekit.settings import Auth, Client, Database, Http, Kafka, Peer

ROOT = Path(__file__).resolve().parents[2]
MIGRATIONS = ROOT / "services" / "assessment" / "migrations"
INSTRUMENT = json.loads((ROOT / "demo" / "data" / "instrument.json").read_text(encoding="utf-8"))
CONNECTIONS = 16
SERVICE, READ = "PUT /rounds/{id}/answer", "GET /rounds/{id}"
VISIT = "visit: read and store"
STORED = (25_000, 50_000, 100_000)
"""Sheets that are in the release already, when an answer arrives."""
WANTED_OF_BARE, WANTED_OF_VISIT = 0.6, 0.5
INSERT, SELECT = "bare endpoint, insert", "bare endpoint, select 1"


class Bench:
    """Both servers, and the tokens of everyone who answers."""

    def __init__(
        self, people: People, service: Server, bare: Server, database: asyncpg.Connection
    ) -> None:
        self._people = people
        self.api, self._bare, self._database = service, bare, database
        self._tokens: list[str] = []
        self.acknowledged = self.stored = self.others = 0
        self.cpu: dict[str, list[float]] = {}
        self.waits: dict[str, list[float]] = {}

    async def prepare(self, count: int) -> None:
        """Units, the instrument, and the platform's token for so many people."""
        await self._database.executemany(
            "insert into units values ($1, null, $1, $2, 1)",
            [(f"unit-{n:02}", PEOPLE_PER_UNIT) for n in range(UNITS)],
        )
        theirs = (await asyncio.to_thread(self._people.provider_tokens))[:count]
        self._tokens = await self._people.tokens(theirs)
        await self._post("administrator", "/instruments", INSTRUMENT)

    async def _post(self, persona: str, path: str, body: Mapping[str, object]) -> Any:
        token = await self._people.token(persona)
        headers = {"authorization": f"Bearer {token}", "idempotency-key": str(uuid4())}
        async with httpx.AsyncClient(timeout=60) as client:
            url = f"http://127.0.0.1:{self.api.port}/v1{path}"
            answer = await client.post(url, json=body, headers=headers)
        assert answer.is_success, f"{path} was answered {answer.status_code}: {answer.text}"
        return answer.json()

    async def service(self, count: int, stored: int = 0) -> float:
        """Answers per second; every person reads and then answers a round that was just opened.

        `stored`: so many sheets are in its release already.
        """
        units = [unit_of(number) for number in range(UNITS)]
        opened = await self._post("service", "/rounds", opening(units))
        rounds = {r["unit_id"]: r["round_id"] for r in opened["rounds"]}
        requests = [
            request("PUT", f"/v1/rounds/{rounds[unit_of(n)]}/answer", sheet(n), self._tokens[n])
            for n in range(count)
        ]
        reads = [
            request("GET", f"/v1/rounds/{rounds[unit_of(n)]}", b"", self._tokens[n])
            for n in range(count)
        ]
        await self._store(UUID(opened["release_id"]), stored)
        await self._drive(_among(READ, stored), self.api, reads)
        rate = await self._drive(_among(SERVICE, stored), self.api, requests)
        found = await self._database.fetchval("select count(*) from keyed_sheets")
        self.acknowledged, self.stored = self.acknowledged + count, found - self.others
        # A unit has one unfinished round, so that of this pass ends.
        await self._database.execute("update rounds set status = 'anonymised'")
        await self._database.execute("update releases set released_at = now()")
        return rate

    async def visits(self) -> list[bytes]:
        """Requests of everybody to a round that was just opened: reads it, answers it."""
        opened = await self._post("service", "/rounds", opening([unit_of(n) for n in range(UNITS)]))
        path = {r["unit_id"]: f"/v1/rounds/{r['round_id']}" for r in opened["rounds"]}
        found = []
        for number, token in enumerate(self._tokens):
            round_ = path[unit_of(number)]
            found.append(request("GET", round_, b"", token))
            found.append(request("PUT", f"{round_}/answer", sheet(number), token))
        return found

    async def _store(self, release_id: UUID, sheets: int) -> None:
        """Sheets of nobody, in no round."""
        await self._database.copy_records_to_table(
            partition(release_id),
            records=((release_id, token_bytes(32), release_id, bytes(76)) for _ in range(sheets)),
            columns=("release_id", "participation_key", "round_id", "sealed"),
        )
        self.others += sheets

    async def bare(self, name: str, path: str, count: int) -> float:
        """The same bodies and headers to a bare endpoint."""
        requests = [
            request("PUT", f"{path}/{uuid4()}", sheet(number), self._tokens[number])
            for number in range(count)
        ]
        return await self._drive(name, self._bare, requests)

    async def _drive(self, name: str, server: Server, requests: Sequence[bytes]) -> float:
        before = server.cpu_seconds()
        done = await load(server.port, requests, CONNECTIONS)
        used = server.cpu_seconds() - before
        self.cpu.setdefault(name, []).append(1e6 * used / len(requests))
        self.waits.setdefault(name, []).extend(1e3 * wait for wait in done.waits)
        return done.rate


def _among(name: str, stored: int) -> str:
    return f"{name}, {stored} stored" if stored else name


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
    async with AsyncExitStack() as exits:
        database = await exits.enter_async_context(migrated_database(stack, MIGRATIONS))
        keys = exits.enter_context(tempfile.TemporaryDirectory())
        logs, port, bare_port = stack.directory / "log", free_port(), free_port()
        exchange = await exits.enter_async_context(people(stack))
        env = settings(stack, exchange.url, database, port, keys)
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
        yield Bench(exchange, service, bare, connection)


def settings(
    stack: Stack, people_url: str, database: Database, port: int, keys: str
) -> dict[str, str]:
    """The environment of the service's api process."""
    secrets = load_secrets(Layout(stack.directory))
    servers = {**without_accounts(stack.env), "PEOPLE_URL": people_url}
    return {
        **service_env("assessment", "api", port, servers, secrets, stack.directory / "data"),
        "ASSESSMENT_DB__DSN": database.dsn.get_secret_value(),
        "ASSESSMENT_ROUND_KEYS__DIRECTORY": keys,
    }


def in_this_process(stack: Stack, database: Database, keys: Path) -> Settings:
    """Of an assessment service that the bench itself runs."""
    return Settings(
        environment="test",
        db=database,
        kafka=Kafka(bootstrap_servers=stack.env["KAFKA_BOOTSTRAP_SERVERS"]),
        http=Http(port=1),
        auth=Auth(issuer=stack.env["ISSUER_URL"]),
        round_keys=RoundKeys(directory=keys),
        workflow=Peer(url="http://127.0.0.1:9"),
        people=Peer(url=stack.env["PEOPLE_URL"]),
        client=Client(client_id="assessment-service", client_secret=SecretStr("x")),
    )


async def measure(stack: Stack, quick: bool, say: Say) -> Section:
    """The part `answers` of the bench."""
    say("answers: a database, an api process and a bare one")
    rounds, count = (2, 600) if quick else (4, 2_000)
    async with bench(stack) as it:
        await it.prepare(count)
        results = await interleave(
            {
                SERVICE: lambda: it.service(count),
                INSERT: lambda: it.bare(INSERT, "/insert", count),
                SELECT: lambda: it.bare(SELECT, "/select", count),
            },
            rounds,
            say,
        )
        among = STORED[:1] if quick else STORED
        for stored in among:
            say(f"answers: among {stored} stored ones")
            for _ in range(rounds):
                await it.service(count, stored)
    cpu = {name: runs[-rounds:] for name, runs in it.cpu.items()}
    beside = {name: cpu[name] for name in (SERVICE, INSERT, SELECT)}
    read, store = cpu[READ], cpu[SERVICE]
    visit = [s / (r + s) for r, s in zip(read, store, strict=True)]
    return Section(
        "answers: submission beside a bare FastAPI endpoint",
        f"{rounds} rounds of {count} answers of {len(INSTRUMENT['items'])} items in {UNITS} units, "
        f"{CONNECTIONS} connections, one server process; load generator on the same machine.",
        [
            *compare(results, "req/s", {INSERT: WANTED_OF_BARE}),
            *compare(beside, "CPU us/req", {}),
            Measure(
                "visit: read and store",
                "CPU us",
                list(map(add, read, store)),
                visit,
                WANTED_OF_VISIT,
            ),
            *(Measure(_among(SERVICE, n), "CPU us/req", cpu[_among(SERVICE, n)]) for n in among),
            *(Measure(name, "p50 ms", [median(it.waits[name])]) for name in beside),
            *(Measure(name, "p99 ms", [quantiles(it.waits[name], n=100)[98]]) for name in beside),
        ],
        [
            Counter(
                "answers: acknowledged as stored but not in the database",
                it.acknowledged - it.stored,
                0,
            )
        ],
    )
