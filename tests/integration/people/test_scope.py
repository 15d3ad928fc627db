"""Callers with roles for some units only: everything here is the whole region's."""

from collections.abc import AsyncIterator

import httpx
import pytest

from integration.people.service import Service, person_row
from integration.people.test_http import ROUTES
from servicekit.auth import Authenticator
from servicekit.settings import Auth
from support.tokens import ISSUER, FakeIssuer, held

ROLES = ["administrator", "auditor", "service", "manager", "employee"]


@pytest.fixture
async def caller(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    """A caller with every role, but for one unit."""
    issuer, api = FakeIssuer(), service.app.api()
    api.state.authenticator = Authenticator(Auth(issuer=ISSUER), client=issuer.client)
    headers = {
        "authorization": f"Bearer {issuer.token(assignments=held(ROLES, ['rehab']))}",
        "idempotency-key": "k",
    }
    transport = httpx.ASGITransport(api)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://people/v1", headers=headers
    ) as client:
        yield client


async def test_no_route_tells_who_there_is(service: Service, caller: httpx.AsyncClient) -> None:
    assert (await service.import_people(person_row(1))).status_code == 200
    units_own = ("/rounds/", "/assignments")
    for method, path, _ in ROUTES:
        if any(part in path for part in units_own):
            continue
        answers = []
        for person in ("p-0001", "p-9999"):
            answer = await caller.request(method, path.replace("p-0001", person))
            answers.append((answer.status_code, answer.json()["code"], answer.json()["detail"]))
        assert answers[0][:2] == (403, "outside-scope"), path
        assert answers[0] == answers[1]
    assert (await service.ask("GET", "/persons")).json()["total"] == 1
