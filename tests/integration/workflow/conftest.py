"""A migrated database per test, and the whole service on it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import devstack
from devstack import Stack
from integration.workflow.programme import Programme, settings
from servicekit.settings import Database
from support.databases import SERVICES


@pytest.fixture
def migrations_folder() -> Path:
    """Each test gets a database of the workflow service."""
    return SERVICES / "workflow" / "migrations"


@pytest.fixture
async def programme(database: Database, servers: Stack) -> AsyncIterator[Programme]:
    """The service with units, a template and a rollout; nobody decides before `worker()`."""
    personas = ["administrator", "second-administrator", "auditor", "manager", "employee"]
    tokens = devstack.tokens(servers.env["ISSUER_URL"], personas)
    programme = Programme(settings(servers, database), tokens)
    await programme.prepare()
    yield programme
    await programme.close()
