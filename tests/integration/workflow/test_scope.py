"""An administrator of some units only: reads within them, and rules nothing of the region."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import pytest

from integration.workflow.programme import TEMPLATE, UNITS, Programme
from servicekit.auth import Authenticator
from servicekit.settings import Auth
from support.tokens import ISSUER, FakeIssuer, held


@pytest.fixture
async def caller(programme: Programme) -> AsyncIterator[httpx.AsyncClient]:
    """An administrator of one unit."""
    async with signed_in(programme, held(["administrator"], ["unit-a"])) as client:
        yield client


@asynccontextmanager
async def signed_in(
    programme: Programme, assignments: list[dict[str, str | bool]]
) -> AsyncIterator[httpx.AsyncClient]:
    issuer, api = FakeIssuer(), programme.app.api()
    api.state.authenticator = Authenticator(Auth(issuer=ISSUER), client=issuer.client)
    headers = {"authorization": f"Bearer {issuer.token(assignments=assignments)}"}
    transport = httpx.ASGITransport(api)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://workflow/v1", headers=headers
    ) as client:
        yield client


async def test_what_is_the_regions_is_not_theirs(
    programme: Programme, caller: httpx.AsyncClient
) -> None:
    rollout = await programme.rollout()
    csv = {"content": UNITS.encode(), "headers": {"content-type": "text/csv"}}
    new = {"name": "x", "template_id": "um", "pilot_unit_ids": ["unit-a"]}
    requests: list[tuple[str, dict[str, Any]]] = [
        ("/rollouts", {"json": new}),
        ("/templates", {"json": {**TEMPLATE, "version": 2}}),
        ("/templates/check", {"json": {**TEMPLATE, "version": 2}}),
        ("/units/import", csv),
        ("/units/import?dry_run=true", csv),
        *((f"http://workflow{a['path']}", {"json": {"reason": "x"}}) for a in rollout["actions"]),
    ]
    for path, request in requests:
        headers = {"idempotency-key": str(uuid4()), **request.pop("headers", {})}
        answer = await caller.post(path, headers=headers, **request)
        assert (answer.status_code, answer.json()["code"]) == (403, "outside-scope"), path
    assert (await programme.rollout())["version"] == 1


async def test_they_read_their_units(programme: Programme, caller: httpx.AsyncClient) -> None:
    found = await caller.get(f"/rollouts/{programme.rollout_id}/journeys")
    assert [journey["unit_id"] for journey in found.json()["items"]] == ["unit-a"]


async def test_who_leads_one_unit_and_works_in_another_gets_no_reasons_there(
    programme: Programme,
) -> None:
    async with programme.app.uow() as uow:
        journeys = await uow.rollouts.journeys(programme.rollout_id)
        paused = [
            replace(journeys[unit_id], status="paused", paused_reason="Renovation")
            for unit_id in ("unit-a", "pilot-a")
        ]
        await uow.rollouts.save_journeys(paused)
    both = [*held(["manager"], ["unit-a"]), *held(["employee"], ["pilot-a"])]
    async with signed_in(programme, both) as client:
        found = await client.get(f"/rollouts/{programme.rollout_id}/journeys")
    reasons = {journey["unit_id"]: journey["paused_reason"] for journey in found.json()["items"]}
    assert reasons == {"unit-a": "Renovation", "pilot-a": None}


async def test_an_auditor_of_the_region_who_administers_one_unit_may_not_act_for_the_region(
    programme: Programme,
) -> None:
    both = [*held(["administrator"], ["unit-a"]), *held(["auditor"], ["*"])]
    async with signed_in(programme, both) as client:
        rollout = (await client.get(f"/rollouts/{programme.rollout_id}")).json()
        assert [action for action in rollout["actions"] if action["allowed"]] == []
        new = {**TEMPLATE, "version": 2}
        answer = await client.post("/templates", json=new, headers={"idempotency-key": "k" * 16})
    assert (answer.status_code, answer.json()["code"]) == (403, "outside-scope")
