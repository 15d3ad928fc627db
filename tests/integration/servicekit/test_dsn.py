"""`?sslmode=` of a DSN means the same to the engine, to asyncpg itself and to the migrations."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import pytest
from pydantic import SecretStr

from servicekit import migrations
from servicekit.db import create_engine
from servicekit.settings import Database
from support.apps import MIGRATIONS


async def by_engine(settings: Database) -> None:
    engine = create_engine(settings)
    try:
        async with engine.connect():
            pass
    finally:
        await engine.dispose()


async def by_asyncpg(settings: Database) -> None:
    """As the relay and the assessment service's store of sheets do."""
    await (await asyncpg.connect(settings.dsn.get_secret_value())).close()


async def by_migrations(settings: Database) -> None:
    await asyncio.to_thread(migrations.upgrade, MIGRATIONS, settings)


@pytest.mark.parametrize("connect", [by_engine, by_asyncpg, by_migrations])
async def test_the_mode_is_applied(
    connect: Callable[[Database], Awaitable[None]], database: Database
):
    def with_mode(mode: str) -> Database:
        assert database.migration_dsn is not None
        dsns = {"dsn": database.dsn, "migration_dsn": database.migration_dsn}
        asked = {n: SecretStr(f"{d.get_secret_value()}?sslmode={mode}") for n, d in dsns.items()}
        return database.model_copy(update=asked)

    await connect(with_mode("disable"))
    with pytest.raises(ConnectionError, match="SSL"):  # The tests' server has no certificate.
        await connect(with_mode("require"))
