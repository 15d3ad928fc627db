"""No value of a path or query parameter, however odd, makes a service fail."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from generators.openapi import app_of
from generators.settings import SERVICES
from servicekit.auth import EVERY_UNIT, Assignment, Principal
from servicekit.settings import Database

ROOT = Path(__file__).parents[2]
ID = "3f2b8c1e-8d0a-4c57-9d0e-5a1f0c6b7e21"
ROLES = frozenset(
    {"administrator", "operator", "auditor", "employee", "manager", "service", "subscriber"}
)
ODD = {"string": ("%00", "a%00b"), "integer": (str(2**62), str(-(2**70)))}


class Everybody:
    """An authenticator that grants every role for the whole region."""

    async def authenticate(self, token: str) -> Principal:
        everywhere = frozenset(Assignment(role, EVERY_UNIT) for role in ROLES)
        return Principal("anybody", "https://issuer.example.se", everywhere)

    def known(self, token: str) -> Principal | None:
        return None  # no token was verified before


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def migrations_folder(service: str) -> Path:
    return ROOT / "services" / service / "migrations"


@pytest.fixture
async def client(service: str, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    dsn = database.dsn.get_secret_value()
    app = app_of(service, **{f"{service.upper()}_DB__DSN": dsn})
    api = app.api()
    api.state.authenticator = Everybody()
    transport = httpx.ASGITransport(api, raise_app_exceptions=False)
    headers = {"authorization": "Bearer x", "idempotency-key": "k"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test", headers=headers
    ) as found:
        yield found
    await app.close()


def odd_requests(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(method, URL) with one odd value each, for every text and number in a path or query."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for parameter in operation.get("parameters", []):
                schemas = parameter["schema"].get("anyOf", [parameter["schema"]])
                odd = [value for s in schemas for value in ODD.get(s.get("type"), ())]
                name = parameter["name"]
                for value in odd if parameter["in"] != "header" else ():
                    marked = path.replace(f"{{{name}}}", value)
                    query = f"?{name}={value}" if parameter["in"] == "query" else ""
                    yield method.upper(), filled(marked, operation) + query


def filled(path: str, operation: dict[str, Any]) -> str:
    """The path with a plain value for every parameter that is left in it."""
    kinds = {p["name"]: p["schema"].get("type") for p in operation["parameters"]}
    return re.sub(r"\{(\w+)\}", lambda m: "1" if kinds[m[1]] == "integer" else ID, path)


async def test_an_odd_value_is_the_callers_fault(client: httpx.AsyncClient) -> None:
    requests = list(odd_requests((await client.get("/openapi.json")).json()))
    assert len(requests) > 10
    for method, url in requests:
        answer = await client.request(method, url, json={})
        assert answer.status_code in (200, 404, 415, 422), f"{method} {url}: {answer.text}"
