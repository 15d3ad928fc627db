"""A rollout's page: where it is, what holds it up, its waves, and what can be done."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from portal_service.application.ports import ServiceRefused
from portal_service.domain import wave_axis
from portal_service.domain.forms import Field, body_of, fields_of, sent_key, whole_number
from portal_service.domain.matrix import SHAPES
from portal_service.domain.texts import PHASES
from portal_service.domain.wave_range import range_by
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.pages import STOCKHOLM
from portal_service.entrypoints.partial import Partial
from portal_service.entrypoints.viewer import SignedIn, Viewer

router = APIRouter(include_in_schema=False)
_HIDDEN = ("expected_version", "decision_id")
_CHOICES = "200"  # units to choose from, others by their id; what happened meanwhile


@router.get("/rollouts/{rollout_id}")
async def rollout(
    request: Request,
    viewer: SignedIn,
    rollout_id: UUID,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> Response:
    """`page` is of what happened."""
    path = f"/rollouts/{rollout_id}"
    part, now = Partial(viewer), datetime.now(STOCKHOLM)
    asked = request.query_params
    shown = range_by(asked, now.date())
    found, history = await asyncio.gather(
        viewer.get("workflow", path),
        part.get("workflow", f"{path}/history", limit="20", page=str(page)),
    )
    return app_of(request).pages.render(
        request,
        "rollout",
        rollout=found,
        phases=list(PHASES),
        live=f"/live?rollout={rollout_id}",
        history=history,
        shown=shown,
        chosen_days={name: asked[name] for name in ("days", "from", "to") if asked.get(name)},
        axis=wave_axis.axis_of(found["waves"], now, shown),
        wave_axis=wave_axis,
        shapes=SHAPES,
        away=part.away,
    )


@router.get("/rollouts/{rollout_id}/decision")
async def decision(request: Request, viewer: SignedIn, rollout_id: UUID) -> Response:
    """What was decided, for everybody: mails lead here."""
    made = await viewer.get("workflow", f"/rollouts/{rollout_id}/decision")
    return app_of(request).pages.render(request, "decision", decision=made)


@router.get("/rollouts/{rollout_id}/actions/{action}")
async def action_form(
    request: Request, viewer: SignedIn, rollout_id: UUID, action: str, unit_id: str = ""
) -> Response:
    found = await viewer.get("workflow", f"/rollouts/{rollout_id}")
    return await _form(request, viewer, found, action, {"unit_id": unit_id})


@router.post("/rollouts/{rollout_id}/actions/{action}")
async def perform(request: Request, viewer: SignedIn, rollout_id: UUID, action: str) -> Response:
    """If it is refused, the form comes back with what was typed and the reason; if somebody else
    was faster, also with what happened since the form was shown."""
    found = await viewer.get("workflow", f"/rollouts/{rollout_id}")
    typed = {name: str(value) for name, value in (await request.form()).items()}
    body, wrong = body_of(await _fields(request, action), typed)
    if wrong:
        return await _form(request, viewer, found, action, typed, wrong=wrong)
    seen = whole_number(typed.get("version", "")) or found["version"]
    body["expected_version"] = seen
    if action in ("approve_decision", "reject_decision") and found["decision"]:
        body["decision_id"] = found["decision"]["decision_id"]
    path = f"/rollouts/{rollout_id}/actions/{action.replace('_', '-')}"
    try:
        await viewer.post("workflow", path, body, sent_key(typed.get("sent", "")))
    except ServiceRefused as refusal:
        if refusal.code != "stale-version":
            return await _form(request, viewer, found, action, typed, refusal=refusal)
        found, since = await _since(viewer, rollout_id, seen)
        return await _form(request, viewer, found, action, typed, refusal=refusal, since=since)
    return RedirectResponse(f"/rollouts/{rollout_id}", 303)


async def _since(
    viewer: Viewer, rollout_id: UUID, version: int
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The rollout as it is, and what happened since this version of it."""
    path = f"/rollouts/{rollout_id}"
    found = await viewer.get("workflow", path)
    history = await viewer.get("workflow", f"{path}/history", limit=_CHOICES)
    return found, [one for one in history["items"] if version < one["version"] <= found["version"]]


async def _fields(request: Request, action: str) -> list[Field]:
    path = f"/rollouts/{{rollout_id}}/actions/{action.replace('_', '-')}"
    schema = await app_of(request).services.schema("workflow", path)
    return fields_of(schema, _HIDDEN)


async def _form(
    request: Request,
    viewer: Viewer,
    found: dict[str, Any],
    action: str,
    typed: dict[str, str],
    wrong: list[str] | None = None,
    refusal: ServiceRefused | None = None,
    since: Sequence[dict[str, Any]] = (),
) -> Response:
    fields = await _fields(request, action)
    about_a_unit = any(field.name == "unit_id" for field in fields)
    path = f"/rollouts/{found['rollout_id']}/journeys"
    journeys = await Partial(viewer).items("workflow", path, limit=_CHOICES) if about_a_unit else []
    return app_of(request).pages.render(
        request,
        "action",
        status=refusal.status if refusal else 422 if wrong else 200,
        rollout=found,
        action=action,
        fields=fields,
        units=[(one["unit_id"], one["name"]) for one in journeys],
        typed=typed,
        wrong=wrong or [],
        refusal=refusal,
        since=since,
        key=str(uuid4()),
    )
