"""A unit's page: its journey, what it waits for, its modules, meetings, actions and results."""

import asyncio
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from portal_service.application.ports import ServiceRefused
from portal_service.domain import comparison
from portal_service.domain.forms import pointed_at, sent_key, whole_number
from portal_service.domain.texts import STEPS
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.names import module_texts
from portal_service.entrypoints.pages import STOCKHOLM
from portal_service.entrypoints.partial import Partial
from portal_service.entrypoints.typed import typed_of
from portal_service.entrypoints.viewer import SignedIn, Viewer

router = APIRouter(include_in_schema=False)
_UNTIL_CHECK_BACK = timedelta(days=30)
_BELOW = "50"
_UNKNOWN: Mapping[str, Any] = {"children": [], "dissolved_on": None}
"""Of a unit, while workflow is away."""
PageNumber = Annotated[int, Query(ge=1, le=1_000_000)]
UnitId = Annotated[str, Path(pattern="^[a-z0-9][a-z0-9-]{0,62}$")]
RolloutId = Annotated[UUID, Form()]


def today() -> date:
    """In Sweden."""
    return datetime.now(STOCKHOLM).date()


@router.get("/units/{unit_id}")
async def unit(
    request: Request,
    viewer: SignedIn,
    unit_id: UnitId,
    rollout: UUID | None = None,
    page: PageNumber = 1,
    below: PageNumber = 1,
) -> Response:
    """While a service is away, its part is left out. `page` is of changes, `below` of the units
    below."""
    return await unit_page(request, viewer, "unit", unit_id, rollout, page=page, page_below=below)


@router.get("/units/{unit_id}/brief")
async def brief(
    request: Request, viewer: SignedIn, unit_id: UnitId, rollout: UUID | None = None
) -> Response:
    """What somebody needs who takes the unit over: for those who work with it, to print or save."""
    viewer.admit("practice.record", "rollouts.act")
    return await unit_page(request, viewer, "brief", unit_id, rollout)


async def unit_page(
    request: Request,
    viewer: Viewer,
    template: str,
    unit_id: str,
    rollout: UUID | None,
    typed: Mapping[str, str] | None = None,
    refusal: ServiceRefused | None = None,
    page: int = 1,
    page_below: int = 1,
) -> Response:
    """After a refusal with what was typed, and the reason."""
    part = Partial(viewer)
    found, taking_part = await asyncio.gather(
        _unit(part, viewer, unit_id),
        part.get("workflow", f"/units/{unit_id}/journeys"),
    )
    found = found or {**_UNKNOWN, "unit_id": unit_id, "name": unit_id, "path": [unit_id]}
    journeys = taking_part["journeys"] if taking_part else await _rounds(part, unit_id)
    below = None
    if found["children"]:
        asked = {"parent_id": unit_id, "limit": _BELOW, "page": str(page_below)}
        below = await part.get("workflow", "/units", **asked)
    rollout_id = str(rollout) if rollout else _current(journeys)
    journey, practice, changes, results, rounds = None, None, None, None, []
    if rollout_id:
        asked = {"rollout_id": rollout_id}
        progress = f"/units/{unit_id}"
        journey, practice, changes, results, rounds = await asyncio.gather(
            _journey(part, rollout_id, unit_id),
            part.get("content", f"{progress}/progress", **asked),
            part.get("content", f"{progress}/changes", limit="10", page=str(page), **asked),
            part.get("assessment", "/results", unit_id=unit_id, **asked),
            part.items("assessment", "/rounds", unit_id=unit_id, limit="1", **asked),
        )
    next_step_at = journey["next_step_at"] if journey else None
    now = datetime.now(STOCKHOLM)
    return app_of(request).pages.render(
        request,
        template,
        unit=found,
        below=below,
        rollout_id=rollout_id,
        others=[one for one in journeys if one["rollout_id"] != rollout_id],
        own=next((one for one in journeys if one["rollout_id"] == rollout_id), None),
        journey=journey,
        steps=list(STEPS),
        live=f"/live?unit={unit_id}" + (f"&rollout={rollout_id}" if rollout_id else ""),
        date_to_come=next_step_at is not None and datetime.fromisoformat(next_step_at) > now,
        acts=viewer.may("rollouts.act"),
        practice=practice,
        modules=await module_texts(part, practice["assignments"] if practice else ()),
        changes=changes,
        results=results and results["items"],
        results_by=next((r["results_by"] for r in rounds if r["status"] != "anonymised"), None),
        compared=comparison.changes_of(results["items"]) if results else [],
        comparison=comparison,
        away=part.away,
        records=viewer.may_in("practice.record", found["path"]),
        corrects=viewer.may_in("practice.correct", found["path"]),
        today=str(now.date()),
        in_a_month=str(now.date() + _UNTIL_CHECK_BACK),
        key=str(uuid4()),
        here=f"/units/{unit_id}" + (f"?rollout={rollout_id}" if rollout_id else ""),
        status=refusal.status if refusal else 200,
        typed=typed or {},
        refusal=refusal,
        wrong=pointed_at(refusal.errors) if refusal else [],
    )


@router.post("/units/{unit_id}/meetings")
async def hold_meeting(
    request: Request, viewer: SignedIn, unit_id: UnitId, rollout_id: RolloutId
) -> Response:
    typed = await typed_of(request)
    said = {name: typed.get(name, "") for name in ("held_on", "variant")}
    body = {
        "rollout_id": str(rollout_id),
        "unit_id": unit_id,
        **said,
        "headcount": whole_number(typed.get("headcount", "")) or 0,
        "assignment_id": typed.get("assignment_id") or None,
    }
    return await _recorded(
        request, viewer, unit_id, rollout_id, "/meetings", body, "meetings", typed
    )


@router.post("/units/{unit_id}/actions")
async def choose_action(
    request: Request, viewer: SignedIn, unit_id: UnitId, rollout_id: RolloutId
) -> Response:
    typed = await typed_of(request)
    said = {name: typed.get(name, "") for name in ("behaviour", "text", "check_back_on")}
    body = {"rollout_id": str(rollout_id), "unit_id": unit_id, **said}
    return await _recorded(request, viewer, unit_id, rollout_id, "/actions", body, "actions", typed)


@router.post("/units/{unit_id}/actions/{action_id}/check-back")
async def checkback(
    request: Request, viewer: SignedIn, unit_id: UnitId, action_id: UUID, rollout_id: RolloutId
) -> Response:
    typed = await typed_of(request)
    body = {"outcome": typed.get("outcome", ""), "note": typed.get("note", "").strip() or None}
    path = f"/actions/{action_id}/check-back"
    typed["action_id"] = str(action_id)
    return await _recorded(request, viewer, unit_id, rollout_id, path, body, "actions", typed)


async def _recorded(
    request: Request,
    viewer: Viewer,
    unit_id: str,
    rollout_id: UUID,
    path: str,
    body: dict[str, Any],
    part: str,
    typed: Mapping[str, str],
) -> Response:
    """To that part of the page, unless it is refused."""
    try:
        await viewer.post("content", path, body, sent_key(typed.get("sent", "")))
    except ServiceRefused as refusal:
        return await unit_page(request, viewer, "unit", unit_id, rollout_id, typed, refusal)
    return back(unit_id, rollout_id, part)


def back(unit_id: str, rollout_id: UUID, part: str) -> Response:
    """To a part of the unit's page."""
    return RedirectResponse(f"/units/{unit_id}?rollout={rollout_id}#{part}", 303)


async def _unit(part: Partial, viewer: Viewer, unit_id: str) -> dict[str, Any] | None:
    """Somebody may have a role in a unit before it is imported: their mail leads here."""
    try:
        return await part.needed("workflow", f"/units/{unit_id}")
    except ServiceRefused as refusal:
        if refusal.status == 404 and viewer.reaches(unit_id):
            raise ServiceRefused(404, "own-unit-unknown", refusal.detail) from refusal
        raise


def _current(journeys: list[dict[str, Any]]) -> str | None:
    """The newest rollout in which the unit is on its way; else the newest."""
    going = [one for one in journeys if one["status"] not in ("completed", "stopped")]
    first = next(iter(going or journeys), None)
    return str(first["rollout_id"]) if first else None


async def _rounds(part: Partial, unit_id: str) -> list[dict[str, Any]]:
    """While workflow is away, the unit's rounds say in which rollout it is."""
    if "workflow" not in part.away:
        return []
    found = await part.items("assessment", "/rounds", unit_id=unit_id, limit="1")
    return [{**one, "rollout_name": ""} for one in found]


async def _journey(part: Partial, rollout_id: str, unit_id: str) -> dict[str, Any] | None:
    path = f"/rollouts/{rollout_id}/journeys"
    found = await part.items("workflow", path, branch=unit_id, limit="200")
    return next((one for one in found if one["unit_id"] == unit_id), None)
