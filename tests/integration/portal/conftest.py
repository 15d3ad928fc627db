"""A migrated database per test."""

from pathlib import Path

import pytest

from support.databases import SERVICES


@pytest.fixture
def migrations_folder() -> Path:
    """Each test gets a database of the portal."""
    return SERVICES / "portal" / "migrations"
