"""The migrations make exactly the tables that the code declares."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from assessment_service.adapters.tables import Base
from servicekit.db import asyncpg_url
from servicekit.migrations import is_kernel
from servicekit.settings import Database


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(
        connection,
        opts={
            "include_name": lambda name, kind, _: kind != "table" or not is_kernel(name),
            "compare_server_default": True,
        },
    )
    return list(compare_metadata(context, Base.metadata))


async def test_tables_and_migrations_agree(database: Database) -> None:
    assert database.migration_dsn
    engine = create_async_engine(asyncpg_url(database.migration_dsn.get_secret_value()))
    async with engine.connect() as connection:
        assert await connection.run_sync(_differences) == []
    await engine.dispose()
