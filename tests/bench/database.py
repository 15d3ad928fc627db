"""Databases of the bench's own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from devstack import Stack
from servicekit import migrations
from servicekit.settings import Database
from support.apps import unique
from support.databases import create_database, drop_database


@asynccontextmanager
async def migrated_database(stack: Stack, folder: Path) -> AsyncIterator[Database]:
    """A database with the schema of a folder of migrations, dropped with the block."""
    admin, name = stack.env["POSTGRES_ADMIN_DSN"], unique("bench_")
    try:
        database = await create_database(admin, name)
        await asyncio.to_thread(migrations.upgrade, folder, database)
        yield database
    finally:
        await drop_database(admin, name)
