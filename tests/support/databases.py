"""Databases of real PostgreSQL for tests: migrated once per service, copied for each test.

A suite's conftest names the service's migrations by the fixture `migrations_folder`.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from devstack.servers.postgres_cluster import grants
from servicekit import migrations
from servicekit.db import create_engine
from servicekit.settings import Database
from support.apps import unique

ROLES = ("api", "worker", "temporal", "web", "relay", "release")
SERVICES = Path(__file__).parents[2] / "services"


def at(dsn: str, database: str, user: str | None = None) -> str:
    """The DSN of another database on the same server; the password of `user` is its name."""
    server = dsn.rpartition("@")[2].partition("/")[0]
    who = f"{user}:{user}" if user else dsn.removeprefix("postgresql://").rpartition("@")[0]
    return f"postgresql://{who}@{server}/{database}"


async def create_database(admin_dsn: str, name: str, template: str | None = None) -> Database:
    """A database with an owner, and with an app role that is every process of a service at once."""
    admin = await asyncpg.connect(admin_dsn)
    owner, app = f"{template or name}_owner", f"{template or name}_app"
    try:
        if template is None:
            for role in (owner, app):
                await admin.execute(f"create role {role} login password '{role}'")
        await admin.execute(
            f"create database {name} owner {owner}" + (f" template {template}" if template else "")
        )
    finally:
        await admin.close()
    if template is None:
        connection = await asyncpg.connect(at(admin_dsn, name))
        await connection.execute(grants(name, ROLES))
        for role in ROLES:
            await connection.execute(f"grant {name}_{role} to {app}")
        await connection.execute(f"grant pg_read_all_data to {app}")  # tests look everywhere
        await connection.close()
    else:
        connection = await asyncpg.connect(admin_dsn)
        await connection.execute(f"grant connect on database {name} to {app}")
        await connection.close()
    return Database(
        dsn=SecretStr(at(admin_dsn, name, app)),
        migration_dsn=SecretStr(at(admin_dsn, name, owner)),
    )


async def drop_database(admin_dsn: str, name: str) -> None:
    """Drop a database, even while others are connected to it."""
    admin = await asyncpg.connect(admin_dsn)
    try:
        await admin.execute(f"drop database if exists {name} with (force)")
    finally:
        await admin.close()


class Templates:
    """Databases to copy: one per folder of migrations, migrated by the owner role."""

    def __init__(self, admin_dsn: str) -> None:
        self._admin_dsn = admin_dsn
        self._names: dict[Path, str] = {}

    async def name(self, folder: Path) -> str:
        """The name of the folder's migrated database."""
        if folder not in self._names:
            name = unique("template_")
            database = await create_database(self._admin_dsn, name)
            await asyncio.to_thread(migrations.upgrade, folder, database)
            self._names[folder] = name
        return self._names[folder]

    async def drop(self) -> None:
        for name in self._names.values():
            await drop_database(self._admin_dsn, name)


@pytest.fixture(scope="session")
async def templates(postgres: str) -> AsyncIterator[Templates]:
    """The session's migrated databases, made when first asked for."""
    templates = Templates(postgres)
    yield templates
    await templates.drop()


@pytest.fixture
async def database(
    postgres: str, templates: Templates, migrations_folder: Path
) -> AsyncIterator[Database]:
    """A migrated database of the test's own."""
    name = unique("test_")
    yield await create_database(postgres, name, template=await templates.name(migrations_folder))
    await drop_database(postgres, name)


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    """Connections of the app role."""
    engine = create_engine(database)
    yield engine
    await engine.dispose()
