"""A query parameter with a typing error, or given twice, is refused by every route."""

import re

import httpx
import pytest
from fastapi import FastAPI

from generators.openapi import api_of
from generators.settings import SERVICES

ID = "3f2b8c1e-8d0a-4c57-9d0e-5a1f0c6b7e21"


@pytest.fixture(params=SERVICES)
def api(request: pytest.FixtureRequest) -> FastAPI:
    return api_of(request.param)


async def test_no_unknown_parameter_is_ignored(api: FastAPI) -> None:
    transport = httpx.ASGITransport(api, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        for path, methods in api.openapi()["paths"].items():
            for method, operation in methods.items():
                known = [p["name"] for p in operation.get("parameters", []) if p["in"] == "query"]
                twice = "".join(f"&{name}=1&{name}=1" for name in known)
                url = re.sub(r"\{\w+\}", ID, path)
                answer = await client.request(method, f"{url}?dryrun=true{twice}")
                assert answer.status_code == 422, f"{method} {path}"
                errors = {e["pointer"]: e["detail"] for e in answer.json()["errors"]}
                assert set(errors) == {f"/query/{name}" for name in ("dryrun", *known)}, path
                assert ", ".join(sorted(known)) in errors["/query/dryrun"]
