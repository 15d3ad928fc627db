"""A migrated database per test, and the whole service on it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

import devstack
from devstack import Stack
from integration.workflow.programme import Programme, settings
from servicekit import migrations
from servicekit.db import create_engine
from servicekit.settings import Database
from support.apps import create_database, drop_database, unique

MIGRATIONS = Path(__file__).parents[3] / "services" / "workflow" / "migrations"


@pytest.fixture(scope="session")
async def migrated(postgres: str) -> AsyncIterator[str]:
    """Name of a database to copy: migrated once by the owner role through Alembic."""
    name = unique("workflow_")
    database = await create_database(postgres, name)
    await asyncio.to_thread(migrations.upgrade, MIGRATIONS, database)
    yield name
    await drop_database(postgres, name)


@pytest.fixture
async def database(postgres: str, migrated: str) -> AsyncIterator[Database]:
    """A migrated database of the test's own."""
    name = unique("workflow_")
    yield await create_database(postgres, name, template=migrated)
    await drop_database(postgres, name)


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    """Connections of the app role."""
    engine = create_engine(database)
    yield engine
    await engine.dispose()


@pytest.fixture
async def programme(database: Database, servers: Stack) -> AsyncIterator[Programme]:
    """The service with units, a template and a rollout; nobody decides before `worker()`."""
    personas = ["administrator", "second-administrator", "auditor", "manager", "employee"]
    tokens = devstack.tokens(servers.env["ISSUER_URL"], personas)
    programme = Programme(settings(servers, database), tokens)
    await programme.prepare()
    yield programme
    await programme.close()
