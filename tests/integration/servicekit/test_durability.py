"""A process refuses a PostgreSQL that may lose what it has committed."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from integration.servicekit.test_process import SampleProcess, sample
from servicekit.durability import NotDurable, check_durability
from servicekit.settings import Database
from support.eventually import eventually

__all__ = ["sample"]


@pytest.fixture
async def admin(postgres: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(postgres)
    yield connection
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        await connection.execute(f"alter system reset {name}")
    await connection.execute("select pg_reload_conf()")
    await connection.close()


async def switch_off(admin: asyncpg.Connection, name: str) -> None:
    await admin.execute(f"alter system set {name} = off")
    await admin.execute("select pg_reload_conf()")

    async def is_off() -> bool:
        return bool(await admin.fetchval(f"show {name}") == "off")

    await eventually(is_off)


async def test_a_durable_server_is_accepted(database: Database) -> None:
    await check_durability(database.dsn.get_secret_value())


async def test_a_server_that_is_away_is_not_waited_for() -> None:
    async with asyncio.timeout(5):
        await check_durability("postgresql://nobody@127.0.0.1:9/none")


@pytest.mark.parametrize("name", ["fsync", "full_page_writes", "synchronous_commit"])
async def test_what_is_off_is_named(
    name: str, database: Database, admin: asyncpg.Connection
) -> None:
    await switch_off(admin, name)
    with pytest.raises(NotDurable, match=f"{name}=off"):
        await check_durability(database.dsn.get_secret_value())


async def test_synchronous_commit_may_not_be_off_for_the_processs_role_alone(
    database: Database, admin: asyncpg.Connection
) -> None:
    dsn = database.dsn.get_secret_value()
    name = dsn.rpartition("/")[2]
    await admin.execute(f"alter database {name} set synchronous_commit = off")
    with pytest.raises(NotDurable, match="synchronous_commit=off"):
        await check_durability(dsn)


async def test_the_process_ends_and_says_why(
    sample: SampleProcess, admin: asyncpg.Connection
) -> None:
    await switch_off(admin, "fsync")
    async with sample.running("api") as process:
        assert await asyncio.wait_for(process.wait(), 15) == 1
        said = sample.log.read_text()
        assert "fsync=off" in said
        assert "Traceback" not in said
