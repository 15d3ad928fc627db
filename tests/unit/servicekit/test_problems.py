"""A problem points at places that are in the request."""

from typing import Annotated, Any, Literal

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel, Field

from servicekit import problems

Language = Annotated[str, Field(pattern="^[a-z]{2}$")]


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]
    name: dict[Language, str]


class Body(BaseModel):
    text: dict[Language, str] = {}
    numbers: list[int | list[int]] = []
    pets: list[Annotated[Cat | Dog, Field(discriminator="kind")]] = []


class Refused(Exception):
    pass


@pytest.fixture
def api() -> FastAPI:
    app = FastAPI()
    problems.install(app, Refused)

    @app.post("/")
    async def post(body: Body) -> Body:
        return body

    return app


async def sent(api: FastAPI, **request: Any) -> httpx.Response:
    transport = httpx.ASGITransport(api)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.post("/", **request)


@pytest.mark.parametrize(
    ("body", "places"),
    [
        ({"text": {"SV": "A"}}, {"/body/text/SV"}),
        ({"text": {"[key]": "A"}}, {"/body/text/[key]"}),
        ({"numbers": [1, "x"]}, {"/body/numbers/1"}),
        ({"pets": [{"kind": "cat"}]}, {"/body/pets/0/lives"}),
        ({"pets": [{"kind": "dog", "name": {"SV": 1}}]}, {"/body/pets/0/name/SV"}),
        ({"pets": [{"kind": "cow"}]}, {"/body/pets/0"}),
    ],
)
async def test_a_pointer_is_a_place_in_the_document(
    api: FastAPI, body: dict[str, Any], places: set[str]
) -> None:
    answer = await sent(api, json=body)
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json()["errors"]} == places


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("Application/JSON", 422),
        ("application/merge-patch+json; charset=utf-8", 422),
        ("text/plain", 415),
    ],
)
async def test_only_what_is_not_read_as_json_is_of_another_type(
    api: FastAPI, kind: str, status: int
) -> None:
    answer = await sent(api, content=b"[1]", headers={"content-type": kind})
    assert answer.status_code == status
