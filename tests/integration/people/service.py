"""The people service as its tests use it: over HTTP with real tokens, on a port of its own."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from devstack import Stack
from devstack.tokens import token
from people_service.bootstrap import People, build
from people_service.settings import ProviderSettings, Settings, Tokens
from servicekit.consumer import Consumer
from servicekit.settings import Auth, Database, Http, Kafka
from support.apps import unique
from support.listening import listening

token_of = cache(token)
HEADER = "person_id,name,email,language,role,unit_id"


def people_settings(servers: Stack, database: Database, keys: Path, **changes: Any) -> Settings:
    """Callers have tokens of the development issuer, which is the only provider too."""
    issuer = servers.env["ISSUER_URL"]
    local = ProviderSettings(
        name="local",
        issuer=issuer,
        audiences=["um-platform"],
        client_roles={"workflow-service": "service", "notification-service": "service"},
        assignments_claim="sample_assignments",
    )
    chosen: dict[str, Any] = {
        "environment": "test",
        "db": database,
        "kafka": Kafka(bootstrap_servers=servers.env["KAFKA_BOOTSTRAP_SERVERS"]),
        "http": Http(port=1),
        "auth": Auth(issuer=issuer),
        "tokens": Tokens(keys_directory=keys),
        "providers": [local],
    }
    return Settings(**{**chosen, **changes})


class Service:
    def __init__(self, app: People, settings: Settings, url: str) -> None:
        self.app, self.settings, self.url = app, settings, url
        self.client = httpx.AsyncClient(base_url=f"{url}/v1", timeout=60)

    async def ask(
        self, method: str, path: str, as_: str = "administrator", key: str = "", **request: Any
    ) -> httpx.Response:
        """A request by a sample persona; a POST gets an Idempotency-Key."""
        bearer = await asyncio.to_thread(token_of, self.settings.auth.issuer, as_)
        headers = {"authorization": f"Bearer {bearer}", **request.pop("headers", {})}
        if method == "POST":
            headers["idempotency-key"] = key or str(uuid4())
        return await self.client.request(method, path, headers=headers, **request)

    async def import_people(self, *rows: str, header: str = HEADER, **query: Any) -> httpx.Response:
        """Import rows of persons, header excluded."""
        return await self.ask(
            "POST",
            "/persons/import",
            content="\n".join([header, *rows]).encode(),
            headers={"content-type": "text/csv"},
            params=query,
        )


@asynccontextmanager
async def serving(settings_at: Callable[[str], Settings]) -> AsyncIterator[Service]:
    """The API on a port of its own, with the settings that are chosen for its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        settings = settings_at(url)
        app = build(settings)
        service = Service(app, settings, url)
        async with listening(app.api(), listener), service.client:
            yield service
        await app.close()


@asynccontextmanager
async def consuming(settings: Settings) -> AsyncIterator[None]:
    """The worker's consumer runs, in consumer groups of its own."""
    app = build(settings)
    (consumer,) = [c for c in app.components(["worker"]) if isinstance(c, Consumer)]
    for one in consumer.progress:
        one.group = replace(one.group, name=unique(f"{one.group.name}-"))
    stop = asyncio.Event()
    running = asyncio.create_task(consumer.run(stop))
    try:
        yield
    finally:
        stop.set()
        await running
        await app.close()


def person_row(
    number: int, role: str = "employee", unit: str = "rehab", language: str = "sv"
) -> str:
    """A row of the person file; the person is a sample."""
    who = f"p-{number:04},Exempelperson {number:04},person{number:04}@example.se"
    return f"{who},{language},{role},{unit}"
