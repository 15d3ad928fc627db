"""The content service: the unit's plan, a meeting, and actions with and without an outcome."""

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from content_service.domain.calendar import civil_date
from content_service.domain.unit import Unit
from integration.access.expectations import OWN, TREE, Ask, Asks
from integration.access.service import Service
from integration.content.client import MODULE

_NEW = {**deepcopy(MODULE), "module_id": "another"}
_DRAFT = {name: value for name, value in MODULE.items() if name != "module_id"}
_REASON = {"reason": "Wrong"}
_TEXTS = {"title": {"sv": "Nytt", "en": "New"}, "text": {"sv": "Hänt", "en": "Happened"}}


async def prepare(service: Service) -> Asks:
    rollout_id, unknown_rollout_id = str(uuid4()), str(uuid4())
    async with service.app.uow() as uow:
        await uow.references.add_rollout(UUID(rollout_id), [])
        for unit_id, parent_id in TREE.items():
            await uow.units.save(Unit(unit_id, parent_id, unit_id, 20, 1))
    await service.done("POST", "/v1/modules", "administrator", json=MODULE)
    module = f"/v1/modules/{MODULE['module_id']}"
    await service.done("POST", f"{module}/publish", "administrator")
    await service.done("POST", "/v1/modules", "administrator", json=_NEW)
    of_unit = {"unit_id": OWN, "rollout_id": rollout_id}
    plan = {"unit_ids": [OWN], "module_ids": [MODULE["module_id"]], "rollout_id": rollout_id}
    planned = await service.done("POST", "/v1/assignments", "administrator", json=plan)
    assignment_id = planned["assignments"][0]["assignment_id"]
    unannounced = {**plan, "rollout_id": unknown_rollout_id}
    await service.done("POST", "/v1/assignments", "service", json=unannounced)
    today = str(civil_date(datetime.now(UTC)))
    meeting: dict[str, Any] = {"variant": "30", "held_on": today, "headcount": 9}
    action = {"behaviour": "creativity", "text": "Try", "check_back_on": today}

    async def recorded(path: str, body: dict[str, Any], named: str) -> str:
        made = await service.done("POST", path, "manager", json=body)
        return f"{path}/{made[named]}"

    held = await recorded("/v1/meetings", {**meeting, **of_unit}, "meeting_id")
    chosen = await recorded("/v1/actions", {**action, **of_unit}, "action_id")
    over = await recorded("/v1/actions", {**action, **of_unit}, "action_id")
    outcome = {"outcome": "kept"}
    await service.done("POST", f"{over}/check-back", "manager", json=outcome)
    versions = {
        "written": [],
        "reviewed": ["submit"],
        "public": ["submit", "publish"],
    }
    for article_id, steps in versions.items():
        new = {**_TEXTS, "article_id": article_id, "kind": "news"}
        await service.done("POST", "/v1/articles", "administrator", json=new)
        for number, step in enumerate(steps, start=1):
            path, meant = f"/v1/articles/{article_id}/{step}", {"expected_version": number}
            await service.done("POST", path, "administrator", json=meant)
    said = {"text": "Which room is ours?", "language": "en"}
    asked = await service.done("POST", "/v1/questions", "employee", json=said)
    question = f"/v1/questions/{asked['question_id']}"
    item = MODULE["items"][0]["item_id"]
    its_plan = {assignment_id: "practice.read"}
    library = {MODULE["module_id"]: "modules.read"}
    of_rollout = f"rollout_id={rollout_id}"
    return {
        "POST /v1/modules": Ask("/v1/modules", {**_NEW, "module_id": "new"}),
        "GET /v1/modules": Ask("/v1/modules", shows=library),
        "GET /v1/module-drafts": Ask("/v1/module-drafts", shows={"another": "modules.edit"}),
        "GET /v1/modules/{module_id}": Ask(module),
        "GET /v1/modules/{module_id}/draft": Ask(f"{module}/draft"),
        "PUT /v1/modules/{module_id}/draft": Ask(f"{module}/draft", _DRAFT),
        "POST /v1/modules/{module_id}/publish": Ask("/v1/modules/another/publish"),
        "GET /v1/modules/{module_id}/versions/{version}": Ask(f"{module}/versions/1"),
        "POST /v1/articles": Ask("/v1/articles", {**_TEXTS, "article_id": "new", "kind": "news"}),
        "GET /v1/articles": Ask("/v1/articles", shows={"written": "articles.edit"}),
        "GET /v1/articles/{article_id}": Ask("/v1/articles/written"),
        "PUT /v1/articles/{article_id}/draft": Ask(
            "/v1/articles/written/draft", {**_TEXTS, "expected_version": 1}
        ),
        "POST /v1/articles/{article_id}/submit": Ask(
            "/v1/articles/written/submit", {"expected_version": 1}
        ),
        "POST /v1/articles/{article_id}/send-back": Ask(
            "/v1/articles/reviewed/send-back", {"expected_version": 2, **_REASON}
        ),
        "POST /v1/articles/{article_id}/publish": Ask(
            "/v1/articles/reviewed/publish", {"expected_version": 2}
        ),
        "POST /v1/articles/{article_id}/withdraw": Ask(
            "/v1/articles/public/withdraw", {"expected_version": 3, **_REASON}
        ),
        "POST /v1/questions": Ask("/v1/questions", said),
        "GET /v1/questions/own": Ask("/v1/questions/own"),
        "GET /v1/questions": Ask("/v1/questions", shows={said["text"]: "questions.handle"}),
        "POST /v1/questions/{question_id}/draft": Ask(
            f"{question}/draft", {"article_id": "which-room"}
        ),
        "POST /v1/questions/{question_id}/close": Ask(f"{question}/close", _REASON),
        "POST /v1/assignments": Ask("/v1/assignments", plan),
        "GET /v1/assignments": (
            Ask("/v1/assignments", listing=True, shows=its_plan),
            Ask(f"/v1/assignments?{of_rollout}", listing=True, shows=its_plan),
            Ask(f"/v1/assignments?unit_id={OWN}", shows=its_plan),
        ),
        "PUT /v1/assignments/{assignment_id}/items/{item_id}": Ask(
            f"/v1/assignments/{assignment_id}/items/{item}", {"status": "done"}
        ),
        "POST /v1/meetings": (
            Ask("/v1/meetings", {**meeting, **of_unit}),
            Ask("/v1/meetings", {**meeting, **of_unit, "assignment_id": assignment_id}),
        ),
        "POST /v1/meetings/on-paper": Ask("/v1/meetings/on-paper", {**meeting, **of_unit}),
        "POST /v1/actions": Ask("/v1/actions", {**action, **of_unit}),
        "POST /v1/actions/{action_id}/check-back": Ask(f"{chosen}/check-back", outcome),
        "POST /v1/meetings/{meeting_id}/correct": Ask(
            f"{held}/correct", {**meeting, "headcount": 8, **_REASON}
        ),
        "POST /v1/meetings/{meeting_id}/withdraw": Ask(f"{held}/withdraw", _REASON),
        "POST /v1/actions/{action_id}/correct": Ask(
            f"{chosen}/correct", {**action, "text": "Other", **_REASON}
        ),
        "POST /v1/actions/{action_id}/withdraw": Ask(f"{chosen}/withdraw", _REASON),
        "POST /v1/actions/{action_id}/check-back/withdraw": Ask(
            f"{over}/check-back/withdraw", _REASON
        ),
        "GET /v1/units/{unit_id}/progress": Ask(f"/v1/units/{OWN}/progress?{of_rollout}"),
        "GET /v1/units/{unit_id}/changes": Ask(f"/v1/units/{OWN}/changes?{of_rollout}"),
        "GET /v1/open-problems": Ask(
            "/v1/open-problems", listing=True, shows={unknown_rollout_id: "open_problems.read"}
        ),
    }
