"""A migrated database per test, and the service built on it."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

import devstack
from content_service.adapters.unit_of_work import ContentUnitOfWork
from content_service.bootstrap import Content, build
from content_service.settings import Settings
from devstack import Stack
from integration.content.client import Client
from servicekit.settings import Auth, Database, Http, Kafka, Peer
from servicekit.settings import Client as ServiceClient
from support.databases import SERVICES


@pytest.fixture
def migrations_folder() -> Path:
    """Each test gets a database of the content service."""
    return SERVICES / "content" / "migrations"


@pytest.fixture
def uow(engine: AsyncEngine) -> Callable[[], ContentUnitOfWork]:
    """Units of work on the test's own database."""
    return lambda: ContentUnitOfWork(engine)


@pytest.fixture(scope="session")
def tokens(servers: Stack) -> dict[str, str]:
    """Tokens of sample personas, by name."""
    personas = ["administrator", "manager", "employee", "auditor", "subscriber"]
    return devstack.tokens(servers.env["ISSUER_URL"], personas)


@pytest.fixture
async def app(database: Database, servers: Stack) -> AsyncIterator[Content]:
    """The service on the test's own database."""
    settings = Settings(
        environment="test",
        db=database,
        kafka=Kafka(bootstrap_servers=servers.env["KAFKA_BOOTSTRAP_SERVERS"]),
        http=Http(port=1),
        auth=Auth(issuer=servers.env["ISSUER_URL"]),
        people=Peer(url="http://127.0.0.1:9"),
        client=ServiceClient(client_id="content-service", client_secret="x"),
    )
    app = build(settings)
    yield app
    await app.close()


@pytest.fixture
async def client(app: Content, tokens: dict[str, str]) -> AsyncIterator[Client]:
    """The API as the sample personas call it."""
    transport = httpx.ASGITransport(app.api())
    async with httpx.AsyncClient(transport=transport, base_url="http://content/v1") as http:
        yield Client(http, tokens, app)
