"""A migrated database per test, and the service on it, which answers on a real port."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from devstack import Stack
from integration.people.service import Service, people_settings, serving
from people_service.adapters.unit_of_work import PeopleUnitOfWork
from servicekit.settings import Database
from support.databases import SERVICES


@pytest.fixture
def migrations_folder() -> Path:
    """Each test gets a database of the people service."""
    return SERVICES / "people" / "migrations"


@pytest.fixture
def uow(engine: AsyncEngine) -> Callable[[], PeopleUnitOfWork]:
    """Units of work on the test's own database."""
    return lambda: PeopleUnitOfWork(engine)


@pytest.fixture
async def service(servers: Stack, database: Database, tmp_path: Path) -> AsyncIterator[Service]:
    """The service with plain settings."""
    async with serving(lambda _: people_settings(servers, database, tmp_path)) as service:
        yield service
