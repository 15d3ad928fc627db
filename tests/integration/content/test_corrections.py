"""Corrections, withdrawals, texts and unknown references over HTTP, on a real database."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from content_service.bootstrap import Content
from content_service.domain.calendar import civil_date
from content_service.entrypoints.events import CONSUMER_GROUPS
from contracts.workflow import RolloutCreated
from integration.content.client import MODULE, UNIT, Client
from servicekit.auth import Authenticator
from servicekit.consumer_group import EventMeta
from servicekit.settings import Auth
from support.tokens import ISSUER, FakeIssuer, held

TODAY = civil_date(datetime.now(UTC))


@pytest.fixture
async def rollout_id(client: Client) -> str:
    """A rollout in which the unit has a module."""
    await client.published()
    rollout_id = str(uuid4())
    await client.assigned(rollout_id)
    return rollout_id


def meeting(rollout: str, **changes: Any) -> dict[str, Any]:
    about = {"rollout_id": rollout, "unit_id": UNIT}
    return {**about, "variant": "30", "held_on": str(TODAY), "headcount": 9, **changes}


def action(rollout: str, **changes: Any) -> dict[str, Any]:
    about = {"rollout_id": rollout, "unit_id": UNIT}
    facts = {"behaviour": "creativity", "text": "En idé i veckan", "check_back_on": str(TODAY)}
    return {**about, **facts, **changes}


async def test_evidence_from_record_to_withdrawal(
    client: Client, rollout_id: str, engine: AsyncEngine
) -> None:
    held = (await client.call("manager", "POST", "/meetings", meeting(rollout_id))).json()
    chosen = (await client.call("manager", "POST", "/actions", action(rollout_id))).json()
    of_meeting = f"/meetings/{held['meeting_id']}"
    of_action = f"/actions/{chosen['action_id']}"
    await client.call("manager", "POST", f"{of_action}/check-back", {"outcome": "kept"})
    today, why = str(TODAY), {"reason": "Fel enhet"}
    right = {"variant": "60", "held_on": today, "headcount": 8, "reason": "Fel räknat"}
    words = {"behaviour": "engagement", "text": "Två", "check_back_on": today, "reason": "Fel"}
    for path, body in [
        (f"{of_meeting}/correct", right),
        (f"{of_action}/check-back/withdraw", why),
        (f"{of_action}/correct", words),
        (f"{of_meeting}/withdraw", why),
        (f"{of_action}/withdraw", why),
    ]:
        done = await client.call("manager", "POST", path, body, key=path)
        assert done.status_code == 200, done.text
        again = await client.call("manager", "POST", path, body, key=path)
        assert again.content == done.content
    query = f"rollout_id={rollout_id}"
    progress = (await client.call("manager", "GET", f"/units/{UNIT}/progress?{query}")).json()
    assert (progress["meetings"], progress["actions"]) == ([], [])
    changes = (await client.call("auditor", "GET", f"/units/{UNIT}/changes?{query}")).json()
    assert [change["kind"] for change in changes["items"]] == [
        "action_withdrawn",
        "meeting_withdrawn",
        "action_corrected",
        "check_back_withdrawn",
        "meeting_corrected",
    ]
    assert changes["items"][-1]["before"] == held
    assert changes["items"][-1]["reason"] == "Fel räknat"
    async with engine.connect() as connection:
        rows = (await connection.execute(text("select type, payload from outbox"))).all()
    assert len([row for row in rows if "withdrawn" in row.type or "corrected" in row.type]) == 5
    assert not any(b"Fel" in row.payload for row in rows)


@pytest.mark.parametrize(
    ("path", "changes", "code"),
    [
        ("/actions", {"text": " \u00a0 "}, "invalid-request"),
        ("/actions", {"text": "\u200b"}, "invalid-request"),
        ("/actions", {"text": "En\u202eidé"}, "invalid-request"),
        ("/actions", {"check_back_on": str(TODAY - timedelta(days=1))}, "check-back-date-invalid"),
        ("/actions", {"check_back_on": "2099-01-01"}, "check-back-date-invalid"),
        ("/meetings", {"headcount": 9_000}, "headcount-too-large"),
        ("/meetings", {"held_on": str(TODAY + timedelta(days=1))}, "meeting-date-invalid"),
        ("/meetings", {"rollout_id": str(uuid4())}, "rollout-unknown"),
        ("/actions", {"rollout_id": str(uuid4())}, "rollout-unknown"),
    ],
)
async def test_what_makes_no_sense_is_refused_with_what_is_expected(
    client: Client, rollout_id: str, path: str, changes: dict[str, Any], code: str
) -> None:
    body = (meeting if path == "/meetings" else action)(rollout_id, **changes)
    refused = await client.call("manager", "POST", path, body)
    assert (refused.status_code, refused.json()["code"]) == (422, code), refused.text
    assert refused.json()["errors"][0]["pointer"].endswith(next(iter(changes)))


async def test_texts_are_folded(client: Client, rollout_id: str) -> None:
    body = action(rollout_id, text="  En\u00a0 ide\u0301 \t i veckan ")
    chosen = await client.call("manager", "POST", "/actions", body)
    assert chosen.json()["text"] == "En idé i veckan"


async def test_a_module_s_blank_text_is_refused_when_it_is_published(client: Client) -> None:
    blank = {**MODULE, "summary": {"sv": " \u2003 ", "en": "Text"}}
    made = await client.call("administrator", "POST", "/modules", blank)
    assert made.status_code == 201, made.text
    path = f"/modules/{MODULE['module_id']}/publish"
    refused = await client.call("administrator", "POST", path)
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/body/summary/sv"]
    invisible = {**MODULE, "summary": {"sv": "a\u200bb", "en": "Text"}}
    refused = await client.call("administrator", "POST", "/modules", invisible)
    assert refused.json()["errors"][0]["pointer"] == "/body/summary/sv"


async def test_a_service_s_unknown_references_are_open_problems_until_they_are_known(
    app: Content,
) -> None:
    issuer, api = FakeIssuer(), app.api()
    api.state.authenticator = Authenticator(Auth(issuer=ISSUER), client=issuer.client)
    roles = ("administrator", "service")
    tokens = {role: issuer.token(assignments=held([role], ["*"])) for role in roles}
    transport = httpx.ASGITransport(api)
    async with httpx.AsyncClient(transport=transport, base_url="http://content/v1") as http:
        client = Client(http, tokens, app)
        await client.published()
        rollout_id = str(uuid4())
        body = {
            "rollout_id": rollout_id,
            "unit_ids": ["nowhere"],
            "module_ids": [MODULE["module_id"]],
        }
        refused = await client.call("administrator", "POST", "/assignments", body)
        assert (refused.status_code, refused.json()["code"]) == (422, "rollout-unknown")
        pointers = [error["pointer"] for error in refused.json()["errors"]]
        assert pointers == ["/body/rollout_id", "/body/unit_ids/0"]
        accepted = await client.call("service", "POST", "/assignments", body)
        assert accepted.status_code == 200, accepted.text
        warnings = accepted.json()["warnings"]
        assert [(one["code"], one["reference"]) for one in warnings] == [
            ("rollout-unknown", rollout_id),
            ("unit-unknown", "nowhere"),
        ]
        problems = (await client.call("administrator", "GET", "/open-problems")).json()
        assert problems["items"] == warnings

        created = RolloutCreated(
            rollout_id=rollout_id, name="Pilot", template_id="um", template_version=1
        )
        async with app.uow() as uow:
            meta = EventMeta(uuid4(), created.TYPE, datetime.now(UTC), None)
            await CONSUMER_GROUPS[1].handlers[RolloutCreated](created, uow, meta)
        problems = (await client.call("administrator", "GET", "/open-problems")).json()
        assert [one["code"] for one in problems["items"]] == ["unit-unknown"]
