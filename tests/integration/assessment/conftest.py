"""The assessment service on a real PostgreSQL and a real issuer, one database per test."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
import uvicorn
from joserfc.jwk import ECKey

from assessment_service.bootstrap import Assessment
from assessment_service.settings import Answers, Custodian, RoundKeys, SelfTest, Settings
from devstack.issuer import Issuer, create_app
from devstack.personas import Directory
from integration.assessment.service import FakeWorkflow, Service, StartService
from servicekit.settings import Auth, Client, Database, Http, Kafka, Peer
from support.databases import SERVICES


@pytest.fixture
def migrations_folder() -> Path:
    """Each test gets a database of the assessment service."""
    return SERVICES / "assessment" / "migrations"


@pytest.fixture(scope="session")
async def issuer() -> AsyncIterator[Issuer]:
    """A development issuer of the tests' own, reached over HTTP."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    key = ECKey.generate_key("P-256", auto_kid=True)
    issuer = Issuer(url, key, Directory(None), {})
    config = uvicorn.Config(create_app(issuer), log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve([listener]))
    yield issuer
    server.should_exit = True
    await serving


@pytest.fixture
async def start(database: Database, issuer: Issuer, tmp_path: Path) -> AsyncIterator[StartService]:
    """Starts the service on the test's database; more than one is as several processes."""
    async with AsyncExitStack() as stack:

        async def start_one(
            kafka: str = "127.0.0.1:9",
            cache_seconds: float = 0,
            pool_size: int = 10,
            custodian: str | None = None,
            self_test: SelfTest | None = None,
        ) -> Service:
            chosen = Settings(
                environment="test",
                db=database,
                kafka=Kafka(bootstrap_servers=kafka),
                http=Http(port=1),
                auth=Auth(issuer=issuer.url),
                round_keys=RoundKeys(directory=tmp_path / "keys", cache_seconds=cache_seconds),
                answers=Answers(pool_size=pool_size),
                custodian=Custodian(public_key=custodian),
                self_test=self_test or SelfTest(),
                workflow=Peer(url="http://127.0.0.1:9"),
                people=Peer(url="http://127.0.0.1:9"),
                client=Client(client_id="assessment-service", client_secret="x"),
            )
            workflow = FakeWorkflow()
            app = Assessment(chosen, workflow)
            stack.push_async_callback(app.close)
            transport = httpx.ASGITransport(app.api(), raise_app_exceptions=False)
            client = httpx.AsyncClient(transport=transport, base_url="http://assessment/v1")
            await stack.enter_async_context(client)
            dsn = chosen.db.dsn.get_secret_value()
            return Service(app, client, issuer, dsn, workflow)

        yield start_one


@pytest.fixture
async def service(start: StartService) -> Service:
    """One service with units and an instrument."""
    service = await start()
    await service.prepare()
    return service
