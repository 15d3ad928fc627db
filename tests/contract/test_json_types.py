"""A body's value of another JSON type than the schema says is refused, not converted.

Each number, truth value and time in the example of every body is sent as another type.
"""

from collections.abc import AsyncIterator, Iterator
from copy import deepcopy
from datetime import date, datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from generators.openapi import api_of
from generators.settings import SERVICES
from servicekit.auth import EVERY_UNIT, Assignment, Principal

ROLES = ("administrator", "operator", "employee", "manager", "service", "subscriber")
ID = "3f2b8c1e-8d0a-4c57-9d0e-5a1f0c6b7e21"
Place = tuple[str | int, ...]


class Everybody:
    """An authenticator that grants every role for the whole region."""

    async def authenticate(self, token: str) -> Principal:
        everywhere = frozenset(Assignment(role, EVERY_UNIT) for role in ROLES)
        return Principal("anybody", "https://issuer.example.se", everywhere)

    def known(self, token: str) -> Principal | None:
        return None  # no token was verified before


@pytest.fixture(params=SERVICES)
def api(request: pytest.FixtureRequest) -> FastAPI:
    return api_of(request.param)


@pytest.fixture
async def client(api: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    api.state.authenticator = Everybody()
    transport = httpx.ASGITransport(api, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as found:
        yield found


def bodies(api: FastAPI) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(method, path, example) of every route that takes JSON."""
    for path, methods in api.openapi()["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            for example in examples(content) if content else ():
                yield method.upper(), path, example


def examples(content: dict[str, Any]) -> list[Any]:
    return (
        [content["example"]]
        if "example" in content
        else [each["value"] for each in content["examples"].values()]
    )


def confused(value: Any) -> list[Any]:
    """The same value, or nearly, as another JSON type; empty for a text that may be any."""
    match value:
        case bool():
            return ["yes" if value else "no", int(value)]
        case int() | float():
            return [str(value), True]
        case str() if is_time(value):
            return [0, 1_800_000_000]
        case _:
            return []


def is_time(text: str) -> bool:
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            read(text)
        except ValueError:
            continue
        return True
    return False


def scalars(value: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    match value:
        case dict():
            for name, member in value.items():
                yield from scalars(member, (*place, name))
        case list():
            for index, member in enumerate(value):
                yield from scalars(member, (*place, index))
        case _:
            yield place, value


def changed(example: Any, place: Place, value: Any) -> Any:
    copy = deepcopy(example)
    inner = copy
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    return copy


async def test_no_json_type_is_taken_for_another(api: FastAPI, client: httpx.AsyncClient) -> None:
    headers = {"authorization": "Bearer x", "idempotency-key": "k"}
    taken = []
    for method, path, example in bodies(api):
        for place, value in scalars(example):
            for other in confused(value):
                body = changed(example, place, other)
                url = path.format_map(Ids())
                answer = await client.request(method, url, headers=headers, json=body)
                pointer = "/".join(("/body", *map(str, place)))
                named = [error["pointer"] for error in answer.json().get("errors", [])]
                if answer.status_code != 422 or pointer not in named:
                    taken.append((method, path, pointer, other, answer.status_code, named))
    assert taken == []


class Ids(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return ID
