"""A migrated database per test, and the service built on it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from content_service.adapters.repository import ContentUnitOfWork
from support.databases import SERVICES


@pytest.fixture
def migrations_folder() -> Path:
    """Each test gets a database of the content service."""
    return SERVICES / "content" / "migrations"


@pytest.fixture
def uow(engine: AsyncEngine) -> Callable[[], ContentUnitOfWork]:
    """Units of work on the test's own database."""
    return lambda: ContentUnitOfWork(engine)
