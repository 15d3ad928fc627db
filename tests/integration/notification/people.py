"""The people service beside the one under test: a process of its own, one for all tests."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx

from devstack import Stack
from servicekit.settings import Database
from support.eventually import eventually
from support.ports import free_port

PERSON_HEADER = "person_id,name,email,language,role,unit_id"


class PeopleProcess:
    """Its API. Who asks has a token of the development issuer."""

    def __init__(self, url: str, database: Database, log: Path) -> None:
        self.url, self.database, self._log = url, database, log

    async def forget_all(self) -> None:
        connection = await asyncpg.connect(self.database.dsn.get_secret_value())
        try:
            for table in ("persons", "units", "managements"):
                await connection.execute(f"delete from {table}")
        finally:
            await connection.close()

    async def ready(self, process: asyncio.subprocess.Process) -> None:
        async with httpx.AsyncClient(timeout=5) as client:

            async def answers() -> bool:
                if process.returncode is not None:
                    raise RuntimeError(self._log.read_text())
                try:
                    return (await client.get(f"{self.url}/health/ready")).is_success
                except httpx.TransportError as error:
                    raise AssertionError(error) from error

            await eventually(answers, within=60)


@asynccontextmanager
async def running(servers: Stack, database: Database, folder: Path) -> AsyncIterator[PeopleProcess]:
    """The process, ready. Its clock stays right while a test turns that of the one under test."""
    issuer, port = servers.env["ISSUER_URL"], free_port()
    provider = {"name": "local", "issuer": issuer, "audiences": ["um-platform"]}
    environment = {
        "PATH": os.environ["PATH"],
        "PEOPLE_ENVIRONMENT": "test",
        "PEOPLE_DB__DSN": database.dsn.get_secret_value(),
        "PEOPLE_KAFKA__BOOTSTRAP_SERVERS": servers.env["KAFKA_BOOTSTRAP_SERVERS"],
        "PEOPLE_HTTP__PORT": str(port),
        "PEOPLE_AUTH__ISSUER": issuer,
        "PEOPLE_TOKENS__KEYS_DIRECTORY": str(folder / "keys"),
        "PEOPLE_PROVIDERS": json.dumps([provider]),
    }
    log = folder / "people.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "people_service", "api"),
            env=environment,
            stdout=output,
            stderr=output,
        )
    try:
        people = PeopleProcess(f"http://127.0.0.1:{port}", database, log)
        await people.ready(process)
        yield people
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
