"""Each service on a database of its own, with something of the unit for every route."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import pytest

from generators.settings import SERVICES
from integration.access.expectations import Ask
from integration.access.service import Service
from support.apps import unique
from support.databases import SERVICES as FOLDER
from support.databases import Templates, create_database, drop_database


@dataclass(frozen=True, slots=True)
class Route:
    """A route, the permission that it asks for, and requests for something of the unit."""

    name: str
    permission: str
    accepts: tuple[str, ...]
    asks: tuple[Ask, ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A service whose requests change nothing any more."""

    service: Service
    routes: list[Route]


_AWAY = "kafka-unavailable"
_EVERYWHERE: Mapping[str, Ask] = {
    "GET /v1/audit": Ask("/v1/audit"),
    "GET /v1/audit/key": Ask("/v1/audit/key"),
    "GET /v1/operation": Ask("/v1/operation"),
    "GET /v1/unit-versions": Ask("/v1/unit-versions"),
    "GET /v1/dead-letters": Ask("/v1/dead-letters", refused_as=_AWAY),
    "GET /v1/dead-letters/{group}/{offset}": Ask("/v1/dead-letters/g/0", refused_as=_AWAY),
    "POST /v1/dead-letters/{group}/redrive": Ask(
        "/v1/dead-letters/g/redrive", {"offsets": [0]}, refused_as=_AWAY
    ),
    "POST /v1/dead-letters/{group}/discard": Ask(
        "/v1/dead-letters/g/discard", {"offsets": [0], "reason": "Gone"}, refused_as=_AWAY
    ),
}


@pytest.fixture(scope="module", params=SERVICES)
async def prepared(
    request: pytest.FixtureRequest,
    postgres: str,
    templates: Templates,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Prepared]:
    name, database_name = request.param, unique("access_")
    template = await templates.name(FOLDER / name / "migrations")
    database = await create_database(postgres, database_name, template=template)
    service = Service(name, database, tmp_path_factory.mktemp(name))
    asks = {**_EVERYWHERE, **await import_module(f"integration.access.{name}").prepare(service)}
    await service.store_nothing_more()
    yield Prepared(service, [_route(name, *one, asks) for one in service.operations()])
    await service.close()
    await drop_database(postgres, database_name)


def _route(service: str, name: str, operation: dict[str, Any], asks: Mapping[str, Any]) -> Route:
    assert name in asks, (
        f"{name} of {service} is new: nobody has checked who may use it. Add a request for"
        f" something of the unit to tests/integration/access/{service}.py."
    )
    found = asks[name]
    answers = next(one for status, one in operation["responses"].items() if status[0] == "2")
    kinds = {"application/json", *answers.get("content", {})}
    accepts = tuple(sorted(kinds & {"application/json", "text/csv"}))
    asked = found if isinstance(found, tuple) else (found,)
    return Route(name, operation["x-permission"], accepts, asked)
