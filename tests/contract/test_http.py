"""Every route of every service needs a token, answers errors with problems, and is documented."""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import jsonschema
import pytest
from fastapi import FastAPI

from generators.openapi import api_of
from generators.settings import SERVICES
from servicekit.auth import EVERY_UNIT, Assignment, Principal


class Nobody:
    """An authenticator that knows every caller and grants nothing."""

    async def authenticate(self, token: str) -> Principal:
        return Principal("nobody", "https://issuer.example.se", frozenset())

    def known(self, token: str) -> Principal | None:
        return None  # no token was verified before


ISSUER = ("/token", "/jwks", "/.well-known/")
OPEN = ("/v1/api-info", "/v1/public/", "/schemas/", *ISSUER)  # They need no token.
ONLY_READS = {
    "/v1/contacts",
    "/v1/rounds/3f2b8c1e-8d0a-4c57-9d0e-5a1f0c6b7e21/without-answer",
    "/v1/templates/check",
}
SHOWN_ONCE = {"/v1/rounds/3f2b8c1e-8d0a-4c57-9d0e-5a1f0c6b7e21/sign-in-codes"}
"""Their answers are secrets, which are not kept for a repeat."""


def operations(api: FastAPI) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(method, path with ids filled in, OpenAPI operation) of every route that needs a token."""
    for path, methods in api.openapi()["paths"].items():
        if path.startswith(OPEN):
            continue
        concrete = re.sub(r"\{\w+\}", "3f2b8c1e-8d0a-4c57-9d0e-5a1f0c6b7e21", path)
        for method, operation in methods.items():
            yield method.upper(), concrete, operation


@pytest.fixture(params=SERVICES)
def api(request: pytest.FixtureRequest) -> FastAPI:
    return api_of(request.param)


@pytest.fixture
async def client(api: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    api.state.authenticator = Nobody()
    transport = httpx.ASGITransport(api, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as found:
        yield found


def assert_problem(answer: httpx.Response) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["type"].endswith(f"/problems/{problem['code']}")
    assert problem["detail"]
    return problem


async def test_no_route_answers_without_a_token(api: FastAPI, client: httpx.AsyncClient) -> None:
    for method, path, _ in operations(api):
        answer = await client.request(method, path)
        assert answer.status_code == 401, f"{method} {path}"
        assert assert_problem(answer)["code"] == "unauthenticated"


async def test_no_route_serves_a_caller_without_a_role(
    api: FastAPI, client: httpx.AsyncClient
) -> None:
    headers = {"authorization": "Bearer x", "idempotency-key": "k"}
    for method, path, _ in operations(api):
        answer = await client.request(method, path, headers=headers, json={})
        # 503: a route for every signed-in caller that asks the database, which is away here.
        assert 400 <= answer.status_code < 500 or answer.status_code == 503, f"{method} {path}"
        assert_problem(answer)


async def test_what_does_not_exist_is_a_problem_too(client: httpx.AsyncClient) -> None:
    assert assert_problem(await client.get("/no-such-thing"))["code"] == "not-found"
    assert assert_problem(await client.delete("/health/live"))["code"] == "method-not-allowed"


async def test_health_needs_no_token_and_shows_nothing(client: httpx.AsyncClient) -> None:
    assert (await client.get("/health/live")).json() == {"status": "live"}


async def test_the_page_for_people_needs_no_other_host(client: httpx.AsyncClient) -> None:
    page = await client.get("/docs")
    assert "//" not in page.text.replace("http://www.w3.org", "")
    for file in re.findall(r"/docs/files/[\w.-]+", page.text):
        assert (await client.get(file)).status_code == 200, file


def test_every_post_takes_an_idempotency_key(api: FastAPI) -> None:
    for method, path, operation in operations(api):
        if method == "POST" and path not in ONLY_READS | SHOWN_ONCE:
            names = {parameter["name"] for parameter in operation.get("parameters", [])}
            assert "Idempotency-Key" in names, path


def test_every_operation_is_documented(api: FastAPI) -> None:
    for method, path, operation in operations(api):
        where = f"{method} {path}"
        assert operation.get("description") or operation.get("summary"), where
        assert operation["security"], where


def test_every_refusal_is_documented_as_a_problem(api: FastAPI) -> None:
    document = api.openapi()
    described = document["components"]["responses"]
    for path, methods in document["paths"].items():
        if path.startswith(ISSUER):
            continue
        for method, operation in methods.items():
            expected = {"401", "403", "503"} if "security" in operation else set()
            expected |= {"422"} if "parameters" in operation else set()
            expected |= {"404"} if "{" in path else set()
            expected |= {"400", "409"} if method == "post" else set()
            expected |= {"400", "413", "415"} if "requestBody" in operation else set()
            refusals = {s: r for s, r in operation["responses"].items() if s >= "400"}
            assert expected <= set(refusals), f"{method} {path}"
            for answer in refusals.values():
                content = described[answer["$ref"].rpartition("/")[2]]["content"]
                assert set(content) == {"application/problem+json"}


def test_the_issuer_refuses_as_oauth_says() -> None:
    """RFC 6749, section 5.2: clients of an issuer know no problem documents."""
    operation = api_of("people").openapi()["paths"]["/token"]["post"]
    for status in ("400", "503"):
        content = operation["responses"][status]["content"]
        assert set(content) == {"application/json"}
        assert content["application/json"]["schema"]["$ref"].endswith("/TokenErrorBody")


def contents(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The JSON contents of an operation's body and answers, problems apart."""
    for part in (operation.get("requestBody", {}), *operation["responses"].values()):
        if found := part.get("content", {}).get("application/json"):
            yield found


def test_every_body_and_every_answer_has_a_valid_example(api: FastAPI) -> None:
    document = api.openapi()
    for method, path, operation in operations(api):
        for content in contents(operation):
            examples = [content["example"]] if "example" in content else []
            examples += [each["value"] for each in content.get("examples", {}).values()]
            assert examples, f"{method} {path}"
            schema = {**content["schema"], "components": document["components"]}
            for example in examples:
                jsonschema.Draft202012Validator(schema).validate(example)


def test_the_document_says_where_the_api_is_and_who_answers_for_it(api: FastAPI) -> None:
    document = api.openapi()
    assert document["servers"]
    assert document["info"]["contact"]["name"]
    assert document["info"]["license"]["identifier"] == "EUPL-1.2"


async def test_api_info_is_as_the_national_profile_says(client: httpx.AsyncClient) -> None:
    for path in ("/v1/api-info", "/api-info"):
        assert set((await client.get(path)).json()) == {
            *("apiName", "apiVersion", "apiReleased"),
            *("apiDocumentation", "apiStatus"),
        }


async def test_a_wrong_method_lists_all_that_are_right(
    api: FastAPI, client: httpx.AsyncClient
) -> None:
    for path, methods in api.openapi()["paths"].items():
        concrete = re.sub(r"\{\w+\}", "3f2b8c1e-8d0a-4c57-9d0e-5a1f0c6b7e21", path)
        answer = await client.request("TRACE", concrete)
        assert answer.status_code == 405
        allowed = {method.strip() for method in answer.headers["allow"].split(",")}
        assert {method.upper() for method in methods} <= allowed, path


async def test_broken_json_is_named_by_line_and_column(
    api: FastAPI, client: httpx.AsyncClient
) -> None:
    class Everything(Nobody):
        async def authenticate(self, token: str) -> Principal:
            roles = ("administrator", "service", "manager", "employee", "subscriber")
            everywhere = frozenset(Assignment(role, EVERY_UNIT) for role in roles)
            return Principal("all", "https://issuer.example.se", everywhere)

    api.state.authenticator = Everything()
    headers = {"authorization": "Bearer x", "idempotency-key": "k"}
    headers["content-type"] = "application/json"
    tried = 0
    for method, path, operation in operations(api):
        if "application/json" in operation.get("requestBody", {}).get("content", {}):
            answer = await client.request(method, path, headers=headers, content='{"a": 1,\n "b"}')
            problem = assert_problem(answer)
            assert (problem["status"], problem["code"]) == (400, "malformed-json"), path
            assert "line 2, column 5" in problem["detail"]
            tried += 1
    assert tried
