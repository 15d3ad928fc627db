"""Callers with roles for some units only: no access to the lists of the region, and the response
about another owner's subscription is the same as about one that does not exist."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from integration.notification.service import Service
from integration.notification.test_http import ID, ROUTES, SUBSCRIPTION
from servicekit.auth import Authenticator
from servicekit.settings import Auth
from support.tokens import ISSUER, FakeIssuer, held

ROLES = ["administrator", "auditor", "subscriber", "manager", "employee"]


@pytest.fixture
async def caller(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    """A caller with every role, but for one unit."""
    issuer, api = FakeIssuer(), service.app.api()
    api.state.authenticator = Authenticator(Auth(issuer=ISSUER), client=issuer.client)
    bearer = f"Bearer {issuer.token(assignments=held(ROLES, ['rehab']))}"
    transport = httpx.ASGITransport(api)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://notification/v1", headers={"authorization": bearer}
    ) as client:
        yield client


async def response(caller: httpx.AsyncClient, method: str, path: str, id_: str) -> tuple[int, Any]:
    """Status and problem, without the ids that were asked about."""
    headers = {"idempotency-key": str(uuid4())}
    body = {"event_types": ["external.*"]} if method == "PATCH" else None
    answer = await caller.request(method, path.replace(ID, id_), headers=headers, json=body)
    problem = httpx.Response(200, text=answer.text.replace(id_, "ID")).json()
    problem.pop("trace_id", None)
    return answer.status_code, problem


async def test_every_route_hides_what_is_not_the_callers(
    service: Service, caller: httpx.AsyncClient
) -> None:
    made = (await service.ask("POST", "/subscriptions", json=SUBSCRIPTION)).json()
    path = f"/subscriptions/{made['subscription_id']}/test"
    test = (await service.ask("POST", path)).json()
    for method, path, _ in ROUTES:
        if path in ("/messages", "/load-cap", "/quarantine"):
            status, problem = await response(caller, method, path, ID)
            assert (status, problem["code"]) == (403, "outside-scope")
        elif ID in path:
            foreign = made["subscription_id"] if "subscr" in path else test["delivery_id"]
            hidden = await response(caller, method, path, foreign)
            assert hidden[0] == 404, hidden
            assert hidden == await response(caller, method, path, ID)
        elif method == "GET" and path != "/event-types":
            assert (await caller.get(path)).json()["total"] == 0
    assert (await service.ask("GET", "/subscriptions")).json()["total"] == 1
