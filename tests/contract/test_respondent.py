"""The token of a one-time code opens three routes of the platform, and no other of any service."""

import httpx
import pytest

from contract.test_http import operations
from generators.openapi import api_of
from generators.settings import SERVICES
from servicekit.auth import Assignment, Principal

ROUND = "3f2b8c1e-8d0a-4c57-9d0e-5a1f0c6b7e21"
OPEN = {
    ("GET", f"/v1/rounds/{ROUND}"),
    ("PUT", f"/v1/rounds/{ROUND}/answer"),
    ("GET", "/v1/self-test"),  # the same for everybody
}


class Respondent:
    """An authenticator for which everybody has redeemed a code."""

    async def authenticate(self, token: str) -> Principal:
        held = Assignment("respondent", "rehab", round=ROUND)
        return Principal("a-code", "https://people.example.se", frozenset({held}))

    def known(self, token: str) -> Principal | None:
        return None  # no token was verified before


@pytest.mark.parametrize("service", SERVICES)
async def test_every_other_route_refuses_the_token_of_a_code(service: str) -> None:
    api = api_of(service)
    api.state.authenticator = Respondent()
    transport = httpx.ASGITransport(api, raise_app_exceptions=False)
    headers = {"authorization": "Bearer x", "idempotency-key": "k"}
    refused = set()
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        for method, path, _ in operations(api):
            answer = await client.request(method, path, headers=headers, json={})
            if (answer.status_code, answer.json().get("code")) == (403, "role-missing"):
                refused.add((method, path))
    every = {(method, path) for method, path, _ in operations(api)}
    assert every - refused == (OPEN if service == "assessment" else set())
