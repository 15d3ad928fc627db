"""The people service with the sample people of the bench, who exchange their provider's tokens."""

import asyncio
import csv
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx

import devstack
from bench.database import migrated_database
from bench.server_process import Server, free_port, process
from devstack import Stack
from devstack.credentials import CLIENTS
from devstack.tokens import EXCHANGE_GRANT
from support.apps import unique

MIGRATIONS = Path(__file__).resolve().parents[2] / "services" / "people" / "migrations"
UNITS, PEOPLE_PER_UNIT = 50, 40
_AT_ONCE = 8
NAMES = [f"sample-person-{number:04}" for number in range(UNITS * PEOPLE_PER_UNIT)]


def unit_of(number: int) -> str:
    """The unit of a person: neighbours are in different ones."""
    return f"unit-{number % UNITS:02}"


def write_people(path: Path) -> None:
    """The issuer's file of sample people."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["person_id", "name", "email", "language", "role", "unit_id"])
        for number, name in enumerate(NAMES):
            said = f"Sample person {number:04}", f"{name}@example.se", "sv", "employee"
            writer.writerow([name, *said, unit_of(number)])


@dataclass(frozen=True)
class People:
    """The service's api process, its database (and the owner's DSN), and the provider."""

    server: Server
    database: asyncpg.Connection
    dsn: str
    issuer: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    def provider_tokens(self) -> list[str]:
        """A token of the provider for each of the people."""
        personas = [f"person:{name}" for name in NAMES]
        issued = devstack.tokens(self.issuer, personas)
        return [issued[persona] for persona in personas]

    async def token(self, persona: str) -> str:
        """The platform's token of a sample persona."""
        provider_token = await asyncio.to_thread(devstack.token, self.issuer, persona)
        return (await self.tokens([provider_token]))[0]

    async def tokens(self, provider_tokens: Sequence[str]) -> list[str]:
        """The platform's tokens for a provider's."""
        async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
            slots = asyncio.Semaphore(_AT_ONCE)

            async def exchanged(token: str) -> str:
                form = {"grant_type": EXCHANGE_GRANT, "subject_token": token}
                async with slots:
                    answer = await client.post(f"{self.url}/token", data=form)
                return str(answer.raise_for_status().json()["access_token"])

            return list(await asyncio.gather(*map(exchanged, provider_tokens)))


@asynccontextmanager
async def people(stack: Stack) -> AsyncIterator[People]:
    """On a database of its own, which has the people of the issuer's file."""
    issuer, port = stack.env["ISSUER_URL"], free_port()
    provider = {
        "name": "local",
        "issuer": issuer,
        "audiences": ["um-platform"],
        "client_roles": dict.fromkeys(CLIENTS, "service"),
        "assignments_claim": "sample_assignments",
    }
    async with AsyncExitStack() as exits:
        database = await exits.enter_async_context(migrated_database(stack, MIGRATIONS))
        assert database.migration_dsn
        env = {
            "PEOPLE_ENVIRONMENT": "local",
            "PEOPLE_DB__DSN": database.dsn.get_secret_value(),
            "PEOPLE_KAFKA__BOOTSTRAP_SERVERS": stack.env["KAFKA_BOOTSTRAP_SERVERS"],
            "PEOPLE_HTTP__PORT": str(port),
            "PEOPLE_AUTH__ISSUER": f"http://127.0.0.1:{port}",
            "PEOPLE_TOKENS__KEYS_DIRECTORY": str(stack.directory / unique("bench-keys-")),
            "PEOPLE_PROVIDERS": json.dumps([provider]),
        }
        log = stack.directory / "log" / "bench-people.log"
        server = await exits.enter_async_context(
            process(log, port, "people_service", "api", env=env)
        )
        owner = database.migration_dsn.get_secret_value()
        connection = await asyncpg.connect(owner)
        exits.push_async_callback(connection.close)
        rows = [(name, name, f"{name}@example.se", "sv") for name in NAMES]
        columns = ("person_id", "name", "email", "language")
        await connection.copy_records_to_table("persons", records=rows, columns=columns)
        await connection.executemany(
            "insert into assignments (person_id, role, unit_id) values ($1, 'employee', $2)",
            [(name, unit_of(number)) for number, name in enumerate(NAMES)],
        )
        yield People(server, connection, owner, issuer)
