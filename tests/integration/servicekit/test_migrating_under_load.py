"""G36: while a table is changed, who works with it as before has no error and waits for no lock
longer than half a second.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from servicekit import migrations
from servicekit.settings import Database
from support.apps import MIGRATIONS
from support.lock_waits import LockWaits, watching
from support.trial_migrations import CONTRACT, EXPAND, REQUIRED, REWRITES, TABLE, fill, with_trial

MOST_SECONDS = 0.5
ROWS = 300_000
WRITERS = 3


class Load:
    """Transactions of the code before: each writes two rows and holds its locks for a moment."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self.done, self.failed = 0, list[str]()

    async def run(self, stop: asyncio.Event) -> None:
        await asyncio.gather(*(self._write(stop) for _ in range(WRITERS)))

    async def _write(self, stop: asyncio.Event) -> None:
        statement = text(
            f"insert into {TABLE} (caller, key, fingerprint) values ('load', :key, ''),"
            " ('load', :other, '')"
        )
        while not stop.is_set():
            try:
                async with self._engine.begin() as connection:
                    keys = {"key": str(uuid4()), "other": str(uuid4())}
                    await connection.execute(statement, keys)
                    await asyncio.sleep(0.02)
                self.done += 1
            except Exception as error:
                self.failed.append(repr(error)[:200])
                await asyncio.sleep(0.05)


@asynccontextmanager
async def under_load(engine: AsyncEngine, postgres: str) -> AsyncIterator[tuple[Load, LockWaits]]:
    load, stop = Load(engine), asyncio.Event()
    async with watching(postgres) as waits:
        running = asyncio.create_task(load.run(stop))
        yield load, waits
        stop.set()
        await running


@pytest.fixture
async def filled(database: Database) -> Database:
    """A database in which a change of the whole table takes its time."""
    assert database.migration_dsn
    await fill(database.migration_dsn.get_secret_value(), ROWS)
    return database


async def migrate(database: Database, folder: Path) -> None:
    await asyncio.to_thread(migrations.upgrade, folder, database)


async def test_a_change_in_small_steps_is_not_felt(filled, engine, postgres, tmp_path):
    folder = with_trial(MIGRATIONS, [*EXPAND, *CONTRACT], tmp_path / "trial")
    async with under_load(engine, postgres) as (load, waits):
        await migrate(filled, folder)
    assert load.failed == []
    assert load.done > 50
    assert waits.longest <= MOST_SECONDS, waits.what


async def test_a_migration_gives_way_to_a_long_transaction(filled, engine, postgres, tmp_path):
    """Somebody reads for two seconds: nobody else waits for that long, and it is done after."""
    folder = with_trial(MIGRATIONS, [EXPAND[0]], tmp_path / "trial")
    async with under_load(engine, postgres) as (load, waits), engine.connect() as reader:
        await reader.execute(text(f"select 1 from {TABLE} limit 1"))
        migrating = asyncio.create_task(migrate(filled, folder))
        await asyncio.sleep(2)
        assert not migrating.done()
        await reader.rollback()
        await migrating
    assert load.failed == []
    assert 0.1 < waits.longest <= MOST_SECONDS, waits.what


async def test_a_rewrite_of_the_table_is_seen(filled, engine, postgres, tmp_path):
    folder = with_trial(MIGRATIONS, REWRITES, tmp_path / "trial")
    async with under_load(engine, postgres) as (_, waits):
        await migrate(filled, folder)
    assert waits.longest > MOST_SECONDS


async def test_a_column_that_the_code_before_does_not_fill_is_seen(
    filled, engine, postgres, tmp_path
):
    folder = with_trial(MIGRATIONS, REQUIRED, tmp_path / "trial")
    async with under_load(engine, postgres) as (load, _):
        await migrate(filled, folder)
        await asyncio.sleep(0.2)
    assert any("NotNullViolation" in failure for failure in load.failed)


async def test_a_missing_role_is_named_before_anything_changes(database, postgres, tmp_path):
    folder = with_trial(MIGRATIONS, [EXPAND[0]], tmp_path / "trial")
    with pytest.raises(SystemExit, match=r"roles are missing: \w+_nobody\. Nothing was changed"):
        await asyncio.to_thread(migrations.upgrade, folder, database, roles=("api", "nobody"))
    connection = await asyncpg.connect(database.migration_dsn.get_secret_value())
    assert await connection.fetchval("select version_num from alembic_version") == "0001"
    await connection.close()
