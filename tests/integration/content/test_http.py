"""The HTTP API on a real database, with tokens of a real issuer."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from content_service.bootstrap import Content
from content_service.domain.calendar import civil_date
from content_service.entrypoints.events import CONSUMER_GROUPS
from contracts.workflow import UnitChanged, UnitRegistered
from integration.content.client import MODULE, UNIT, Client
from servicekit.consumer_group import EventMeta

TODAY = civil_date(datetime.now(UTC))
NOBODYS = "3f2b8c1e-8d0a-4c57-9d0e-5a1f0c6b7e21"  # the id of no round, rollout or assignment


async def event_types(engine: AsyncEngine) -> list[str]:
    async with engine.connect() as connection:
        return list(await connection.scalars(text("select type from outbox order by id")))


async def test_a_module_from_draft_to_version(client: Client, engine: AsyncEngine) -> None:
    draft = {**MODULE, "title": {"sv": "Börja", "en": ""}}
    made = await client.call("administrator", "POST", "/modules", draft)
    assert (made.status_code, made.json()["published_version"]) == (201, None)
    gaps = await client.call("administrator", "POST", "/modules/start-together/publish")
    assert (gaps.status_code, gaps.json()["code"]) == (422, "module-incomplete")
    assert [e["pointer"] for e in gaps.json()["errors"]] == ["/body/title/en"]
    whole = {name: value for name, value in MODULE.items() if name != "module_id"}
    put = await client.call("administrator", "PUT", "/modules/start-together/draft", whole)
    assert put.status_code == 200
    seen = await client.call("administrator", "GET", "/modules/start-together/draft")
    assert seen.json() == put.json()
    published = await client.call("administrator", "POST", "/modules/start-together/publish")
    assert (published.status_code, published.json()["version"]) == (200, 1)
    again = await client.call("administrator", "POST", "/modules/start-together/publish")
    stale = await client.call(
        "administrator",
        "PUT",
        "/modules/start-together/draft",
        {**whole, "expected_hash": made.json()["draft_hash"]},
    )
    assert (stale.status_code, stale.json()["code"]) == (409, "module-changed")
    drafts = await client.call("administrator", "GET", "/module-drafts")
    assert drafts.json()["items"] == [
        {**put.json(), "published_version": 1, "is_published": True},
    ]
    newest = await client.call("employee", "GET", "/modules/start-together")
    assert newest.json() == published.json()
    assert (again.status_code, again.json()["code"]) == (409, "nothing-to-publish")
    assert await event_types(engine) == ["content.module.published.v1"]

    path = "/modules/start-together/versions/1"
    both = (await client.call("employee", "GET", path)).json()
    assert both == published.json()
    swedish = (await client.call("employee", "GET", f"{path}?language=sv")).json()
    assert swedish["title"] == {"sv": MODULE["title"]["sv"]}
    assert swedish["items"][0]["body"].keys() == {"sv"}
    assert swedish["content_hash"] == both["content_hash"]
    library = await client.call("employee", "GET", "/modules?behaviour=creativity&language=en")
    assert [card["title"] for card in library.json()["items"]] == [{"en": MODULE["title"]["en"]}]


async def test_a_unit_from_plan_to_check_back(client: Client, engine: AsyncEngine) -> None:
    await client.published()
    rollout_id = str(uuid4())
    assignment = await client.assigned(rollout_id)
    assert await client.assigned(rollout_id) == assignment
    for number, item in enumerate(assignment["items"]):
        path = f"/assignments/{assignment['assignment_id']}/items/{item['item_id']}"
        body = {"status": "waived", "reason": "Seen already"} if number else {"status": "done"}
        changed = await client.call("manager", "PUT", path, body)
        assert changed.status_code == 200, changed.text
    assert changed.json()["completed"]
    late = await client.call("manager", "PUT", path, {"status": "done"})
    assert (late.status_code, late.json()["code"]) == (409, "assignment-completed")

    about = {"rollout_id": rollout_id, "unit_id": UNIT}
    meeting = {**about, "variant": "30", "held_on": str(TODAY), "headcount": 9}
    meeting["assignment_id"] = assignment["assignment_id"]
    held = await client.call("manager", "POST", "/meetings", meeting)
    assert held.status_code == 201, held.text
    action = {
        **about,
        "behaviour": "creativity",
        "text": "En idé i veckan",
        "check_back_on": str(TODAY),
    }
    chosen = await client.call("manager", "POST", "/actions", action)
    assert chosen.status_code == 201, chosen.text
    path = f"/actions/{chosen.json()['action_id']}/check-back"
    looked = await client.call("manager", "POST", path, {"outcome": "kept"})
    assert (looked.status_code, looked.json()["outcome"]) == (200, "kept")

    path = f"/units/{UNIT}/progress?rollout_id={rollout_id}"
    progress = (await client.call("employee", "GET", path)).json()
    assert [a["completed"] for a in progress["assignments"]] == [True]
    assert (progress["meetings"], progress["actions"]) == ([held.json()], [looked.json()])
    assert await event_types(engine) == [
        "content.module.published.v1",
        "content.assignment.created.v1",
        "content.assignment.completed.v1",
        "content.meeting.held.v1",
        "content.action.chosen.v1",
        "content.action.checked_back.v1",
    ]
    async with engine.connect() as connection:
        payloads = b"".join(await connection.scalars(text("select payload from outbox")))
    assert "idé".encode() not in payloads
    assert b"Seen already" not in payloads


async def test_one_key_has_one_effect(client: Client, engine: AsyncEngine) -> None:
    await client.published()
    rollout_id = str(uuid4())
    await client.assigned(rollout_id)
    meeting = {
        "rollout_id": rollout_id,
        "unit_id": UNIT,
        "variant": "10",
        "held_on": str(TODAY),
        "headcount": 5,
    }
    first = await client.call("manager", "POST", "/meetings", meeting, key="k-1")
    again = await client.call("manager", "POST", "/meetings", meeting, key="k-1")
    assert (again.status_code, again.content) == (201, first.content)
    other = {**meeting, "headcount": 6}
    reused = await client.call("manager", "POST", "/meetings", other, key="k-1")
    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency-key-reused")
    assert (await event_types(engine)).count("content.meeting.held.v1") == 1


async def test_a_unit_without_modules_in_the_rollout_does_nothing_in_it(
    client: Client, engine: AsyncEngine
) -> None:
    await client.published()
    await client.assigned(str(uuid4()))
    before = await event_types(engine)
    about = {"rollout_id": str(uuid4()), "unit_id": UNIT}
    await client.known(about["rollout_id"])
    meeting = {**about, "variant": "30", "held_on": str(TODAY), "headcount": 9}
    action = {**about, "behaviour": "creativity", "text": "x", "check_back_on": str(TODAY)}
    for path, body in (("/meetings", meeting), ("/actions", action)):
        answer = await client.call("manager", "POST", path, body)
        assert (answer.status_code, answer.json()["code"]) == (409, "no-modules-assigned")
        assert about["rollout_id"] in answer.json()["detail"]
    assert await event_types(engine) == before


async def test_a_token_s_unit_covers_the_units_below_it(client: Client, app: Content) -> None:
    await client.published()
    rollout_id = str(uuid4())
    await client.assigned(rollout_id, "team-a")
    below = {
        "rollout_id": rollout_id,
        "unit_id": "team-a",
        "variant": "10",
        "held_on": str(TODAY),
        "headcount": 5,
    }
    refused = await client.call("manager", "POST", "/meetings", below)
    assert (refused.status_code, refused.json()["code"]) == (403, "outside-scope")

    group = CONSUMER_GROUPS[0]
    kind = {"kind": "unit", "headcount": 6}
    events = [
        UnitRegistered(unit_id="team-a", parent_id=None, name="Team A", version=1, **kind),
        UnitChanged(unit_id="team-a", parent_id=UNIT, name="Team A", version=3, **kind),
        UnitChanged(unit_id="team-a", parent_id="elsewhere", name="Old", version=2, **kind),
    ]
    for event in events:
        async with app.uow() as uow:
            meta = EventMeta(uuid4(), event.TYPE, datetime.now(UTC), None)
            await group.handlers[type(event)](event, uow, meta)
    allowed = await client.call("manager", "POST", "/meetings", below)
    assert allowed.status_code == 201, allowed.text


@pytest.mark.parametrize(
    ("who", "method", "path", "body", "status", "code"),
    [
        ("manager", "POST", "/modules", MODULE, 403, "role-missing"),
        ("employee", "POST", "/meetings", {}, 403, "role-missing"),
        ("subscriber", "GET", "/modules", None, 403, "role-missing"),
        ("manager", "POST", "/assignments", {}, 403, "role-missing"),
        ("administrator", "GET", "/modules/gone/versions/1", None, 404, "module-unknown"),
        ("administrator", "GET", "/modules/G%00ne/draft", None, 422, "invalid-request"),
        ("administrator", "POST", "/modules/gone/publish", None, 404, "module-unknown"),
        ("administrator", "POST", "/modules", {**MODULE, "x": 1}, 422, "invalid-request"),
        (
            "administrator",
            "POST",
            "/modules",
            {**MODULE, "title": {"sv": "a\0b", "en": "x"}},
            422,
            "invalid-request",
        ),
        ("administrator", "POST", "/modules", {**MODULE, "phase": "lunch"}, 422, "invalid-request"),
        (
            "manager",
            "PUT",
            f"/assignments/{NOBODYS}/items/kit",
            {"status": "done"},
            404,
            "assignment-unknown",
        ),
        (
            "manager",
            "POST",
            f"/actions/{NOBODYS}/check-back",
            {"outcome": "kept"},
            404,
            "action-unknown",
        ),
        ("manager", "GET", "/assignments?unit_id=hjartmottagningen", None, 403, "outside-scope"),
        ("auditor", "GET", f"/assignments?rollout_id={NOBODYS}", None, 404, "rollout-unknown"),
        *(
            ("employee", "GET", f"/units/{UNIT}/{what}{NOBODYS}", None, 404, "rollout-unknown")
            for what in ("progress?rollout_id=", "changes?rollout_id=")
        ),
        (
            "employee",
            "GET",
            f"/units/hjartmottagningen/progress?rollout_id={NOBODYS}",
            None,
            403,
            "outside-scope",
        ),
        (
            "administrator",
            "POST",
            "/assignments",
            {"rollout_id": NOBODYS, "unit_ids": [UNIT], "module_ids": ["gone"]},
            422,
            "rollout-unknown",
        ),
    ],
)
async def test_refusals(
    client: Client, who: str, method: str, path: str, body: Any, status: int, code: str
) -> None:
    answer = await client.call(who, method, path, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_without_a_key_or_a_token_nothing_is_done(client: Client, app: Content) -> None:
    transport = httpx.ASGITransport(app.api())
    async with httpx.AsyncClient(transport=transport, base_url="http://content/v1") as bare:
        assert (await bare.get("/modules")).status_code == 401
        token = client.tokens["administrator"]
        answer = await bare.post(
            "/modules", json=MODULE, headers={"authorization": f"Bearer {token}"}
        )
        assert (answer.status_code, answer.json()["code"]) == (400, "idempotency-key-missing")
