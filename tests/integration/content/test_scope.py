"""What is outside a caller's units looks exactly like what does not exist, on every route."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest

from content_service.application import handlers
from content_service.application.commands import AssignModules, ChooseAction, HoldMeeting
from content_service.bootstrap import Content
from content_service.domain.calendar import civil_date
from content_service.domain.unit import Unit
from integration.content.client import MODULE, UNIT, Client
from servicekit.auth import Authenticator
from servicekit.settings import Auth
from support.tokens import ISSUER, FakeIssuer, held

ROLLOUT = UUID("3f2b8c1e-8d0a-4c57-9d0e-5a1f0c6b7e21")
TODAY = civil_date(datetime.now(UTC))
ROLES = ["administrator", "auditor", "manager", "employee", "service"]
Thing = dict[str, str]
"""Ids of a unit, an assignment, an action and a meeting: those of another unit, or made up."""

MEETING = {"rollout_id": str(ROLLOUT), "variant": "30", "held_on": str(TODAY), "headcount": 9}
ACTION = {
    "rollout_id": str(ROLLOUT),
    "behaviour": "creativity",
    "text": "Try",
    "check_back_on": str(TODAY),
}

# Route: the path and the body that ask about a thing.
ASKING: list[tuple[str, str, Callable[[Thing], Any]]] = [
    (
        "POST",
        "/assignments",
        lambda thing: {
            "rollout_id": str(ROLLOUT),
            "unit_ids": [thing["unit_id"]],
            "module_ids": [MODULE["module_id"]],
        },
    ),
    ("GET", "/assignments?unit_id={unit_id}", lambda _: None),
    ("PUT", "/assignments/{assignment_id}/items/film", lambda _: {"status": "done"}),
    ("POST", "/meetings", lambda thing: {**MEETING, "unit_id": thing["unit_id"]}),
    ("POST", "/meetings/on-paper", lambda thing: {**MEETING, "unit_id": thing["unit_id"]}),
    (
        "POST",
        "/meetings",
        lambda thing: {**MEETING, "unit_id": UNIT, "assignment_id": thing["assignment_id"]},
    ),
    ("POST", "/actions", lambda thing: {**ACTION, "unit_id": thing["unit_id"]}),
    ("POST", "/actions/{action_id}/check-back", lambda _: {"outcome": "kept"}),
    ("GET", f"/units/{{unit_id}}/progress?rollout_id={ROLLOUT}", lambda _: None),
    ("GET", f"/units/{{unit_id}}/changes?rollout_id={ROLLOUT}", lambda _: None),
    (
        "POST",
        "/meetings/{meeting_id}/correct",
        lambda _: {"variant": "30", "held_on": str(TODAY), "headcount": 8, "reason": "Wrong"},
    ),
    (
        "POST",
        "/actions/{action_id}/correct",
        lambda _: {
            "behaviour": "creativity",
            "text": "Other",
            "check_back_on": str(TODAY),
            "reason": "Wrong",
        },
    ),
    ("POST", "/meetings/{meeting_id}/withdraw", lambda _: {"reason": "Wrong"}),
    ("POST", "/actions/{action_id}/withdraw", lambda _: {"reason": "Wrong"}),
    ("POST", "/actions/{action_id}/check-back/withdraw", lambda _: {"reason": "Wrong"}),
]
OPEN_PROBLEMS = {("GET", "/open-problems")}
"""Its rows are those of the caller's units: see the port scenarios."""
LIBRARY = {
    ("GET", "/api-info"),
    ("GET", "/audit"),
    ("GET", "/audit/key"),
    ("GET", "/operation"),
    ("GET", "/unit-versions"),
    ("GET", "/dead-letters"),
    ("GET", "/dead-letters/{group}/{offset}"),
    ("POST", "/dead-letters/{group}/redrive"),
    ("POST", "/dead-letters/{group}/discard"),
    ("POST", "/modules"),
    ("GET", "/modules"),
    ("GET", "/module-drafts"),
    ("GET", "/modules/{module_id}"),
    ("GET", "/modules/{module_id}/draft"),
    ("PUT", "/modules/{module_id}/draft"),
    ("POST", "/modules/{module_id}/publish"),
    ("GET", "/modules/{module_id}/versions/{version}"),
    ("POST", "/articles"),
    ("GET", "/articles"),
    ("GET", "/articles/{article_id}"),
    ("PUT", "/articles/{article_id}/draft"),
    ("POST", "/articles/{article_id}/submit"),
    ("POST", "/articles/{article_id}/send-back"),
    ("POST", "/articles/{article_id}/publish"),
    ("POST", "/articles/{article_id}/withdraw"),
    ("POST", "/questions"),
    ("GET", "/questions"),
    ("GET", "/questions/own"),
    ("POST", "/questions/{question_id}/draft"),
    ("POST", "/questions/{question_id}/close"),
    ("GET", "/public/articles"),
    ("GET", "/public/articles/{article_id}"),
    ("GET", "/public/search"),
}
"""Routes about no unit."""


@pytest.fixture
async def foreign(app: Content, client: Client) -> Thing:
    """Another unit, known and at work."""
    await client.published()
    await client.known(str(ROLLOUT))
    async with app.uow() as uow:
        await uow.units.save(Unit("hjarta", None, "Hjarta", 9, 1))
        command = AssignModules(ROLLOUT, ("hjarta", UNIT), (MODULE["module_id"],))
        (assignment, _), _ = await handlers.assign_modules(command, None, uow)
        choice = ChooseAction(ROLLOUT, "hjarta", "creativity", "Try", TODAY)
        action = await handlers.choose_action(choice, None, uow)
        meeting = HoldMeeting(ROLLOUT, "hjarta", None, "30", TODAY, 9)
        held = await handlers.hold_meeting(meeting, None, uow)
    return {
        "unit_id": "hjarta",
        "assignment_id": str(assignment.assignment_id),
        "action_id": str(action.action_id),
        "meeting_id": str(held.meeting_id),
    }


@pytest.fixture
async def caller(app: Content) -> AsyncIterator[Client]:
    """Somebody with every role, but for one unit."""
    async with signed_in(app, held(ROLES, [UNIT])) as client:
        yield client


@asynccontextmanager
async def signed_in(
    app: Content, assignments: list[dict[str, str | bool]]
) -> AsyncIterator[Client]:
    issuer, api = FakeIssuer(), app.api()
    api.state.authenticator = Authenticator(Auth(issuer=ISSUER), client=issuer.client)
    tokens = {"caller": issuer.token(assignments=assignments)}
    transport = httpx.ASGITransport(api)
    async with httpx.AsyncClient(transport=transport, base_url="http://content/v1") as http:
        yield Client(http, tokens, app)


@pytest.mark.parametrize(("method", "path", "body"), ASKING)
async def test_another_units_thing_looks_like_none(
    foreign: Thing, caller: Client, method: str, path: str, body: Callable[[Thing], Any]
) -> None:
    unknown = {
        "unit_id": "nowhere",
        "assignment_id": str(UUID(int=1)),
        "action_id": str(UUID(int=2)),
        "meeting_id": str(UUID(int=3)),
    }

    async def answered(thing: Thing) -> tuple[int, dict[str, Any]]:
        answer = await caller.call("caller", method, path.format(**thing), body(thing))
        text = answer.text
        for name, id_ in thing.items():
            text = text.replace(id_, name)
        problem = httpx.Response(answer.status_code, text=text).json()
        problem.pop("trace_id", None)
        return answer.status_code, problem

    status, problem = await answered(foreign)
    assert status in (403, 404, 422), problem
    assert (status, problem) == await answered(unknown)


WRITING = [(method, path, body) for method, path, body in ASKING if method != "GET"]


@pytest.mark.parametrize(("method", "path", "body"), WRITING)
async def test_who_leads_one_unit_and_works_in_another_changes_nothing_there(
    app: Content, foreign: Thing, method: str, path: str, body: Callable[[Thing], Any]
) -> None:
    leader_here = [*held(["manager", "administrator"], [UNIT]), *held(["employee"], ["hjarta"])]
    async with signed_in(app, leader_here) as client:
        answer = await client.call("caller", method, path.format(**foreign), body(foreign))
        assert answer.status_code in (403, 404, 422), answer.text
        path = f"/units/hjarta/progress?rollout_id={ROLLOUT}"
        assert (await client.call("caller", "GET", path)).status_code == 200


async def test_every_route_is_asked_or_about_no_unit(app: Content) -> None:
    described = {
        (method.upper(), path.removeprefix("/v1"))
        for path, item in app.api().openapi()["paths"].items()
        for method in item
    }
    asked = {
        (method, path.partition("?")[0].replace("/film", "/{item_id}"))
        for method, path, _ in ASKING
    }
    assert asked | LIBRARY | OPEN_PROBLEMS == described
