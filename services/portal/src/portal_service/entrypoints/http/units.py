"""A unit's page: its journey, what it waits for, its modules, meetings, actions and results."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Path, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import AfterValidator

from portal_service.application.ports import ServiceRefused
from portal_service.domain import comparison
from portal_service.domain.forms import sent_key
from portal_service.domain.texts import STEPS
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.names import module_texts
from portal_service.entrypoints.pages import STOCKHOLM
from portal_service.entrypoints.partial import Partial
from portal_service.entrypoints.viewer import SignedIn, Viewer

router = APIRouter(include_in_schema=False)
_UNTIL_CHECK_BACK = timedelta(days=30)
UnitId = Annotated[str, Path(pattern="^[a-z0-9][a-z0-9-]{0,62}$")]
RolloutId = Annotated[UUID, Form()]
SentKey = Annotated[
    str, AfterValidator(sent_key), Form(description="The same for a form that is sent twice.")
]


def today() -> date:
    """In Sweden."""
    return datetime.now(STOCKHOLM).date()


@router.get("/units/{unit_id}")
async def unit(
    request: Request,
    viewer: SignedIn,
    unit_id: UnitId,
    rollout: UUID | None = None,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> Response:
    """While another service than workflow is away, its part is left out. `page` is of changes."""
    return await _page(request, viewer, "unit", unit_id, rollout, page)


@router.get("/units/{unit_id}/brief")
async def brief(
    request: Request, viewer: SignedIn, unit_id: UnitId, rollout: UUID | None = None
) -> Response:
    """What somebody needs who takes the unit over: for those who work with it, to print or save."""
    if not (viewer.may("practice.record") or viewer.may("rollouts.act")):
        raise ServiceRefused(403, "role-missing", "")
    return await _page(request, viewer, "brief", unit_id, rollout, 1)


async def _page(
    request: Request,
    viewer: Viewer,
    template: str,
    unit_id: str,
    rollout: UUID | None,
    page: int,
) -> Response:
    part = Partial(viewer)
    found, taking_part = await asyncio.gather(
        viewer.get("workflow", f"/units/{unit_id}"),
        part.get("workflow", f"/units/{unit_id}/journeys"),
    )
    journeys = taking_part["journeys"] if taking_part else []
    rollout_id = str(rollout) if rollout else _current(journeys)
    journey, practice, changes, results = None, None, None, None
    if rollout_id:
        asked = {"rollout_id": rollout_id}
        progress = f"/units/{unit_id}"
        journey, practice, changes, results = await asyncio.gather(
            _journey(part, rollout_id, unit_id),
            part.get("content", f"{progress}/progress", **asked),
            part.get("content", f"{progress}/changes", limit="10", page=str(page), **asked),
            part.get("assessment", "/results", unit_id=unit_id, **asked),
        )
    next_step_at = journey["next_step_at"] if journey else None
    now = datetime.now(STOCKHOLM)
    return app_of(request).pages.render(
        request,
        template,
        unit=found,
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
        compared=comparison.changes_of(results["items"]) if results else [],
        comparison=comparison,
        away=part.away,
        records=viewer.may_in("practice.record", found["path"]),
        corrects=viewer.may_in("practice.correct", found["path"]),
        today=str(now.date()),
        in_a_month=str(now.date() + _UNTIL_CHECK_BACK),
        key=str(uuid4()),
    )


@router.post("/units/{unit_id}/meetings")
async def hold_meeting(
    viewer: SignedIn,
    unit_id: UnitId,
    rollout_id: RolloutId,
    held_on: Annotated[date, Form()],
    headcount: Annotated[int, Form()],
    variant: Annotated[str, Form()],
    assignment_id: Annotated[str, Form()] = "",
    sent: SentKey = "",
) -> Response:
    said = {"held_on": str(held_on), "headcount": headcount, "variant": variant}
    about = {"assignment_id": assignment_id or None}
    body = {"rollout_id": str(rollout_id), "unit_id": unit_id, **said, **about}
    await viewer.post("content", "/meetings", body, sent)
    return back(unit_id, rollout_id, "meetings")


@router.post("/units/{unit_id}/actions")
async def choose_action(
    viewer: SignedIn,
    unit_id: UnitId,
    rollout_id: RolloutId,
    behaviour: Annotated[str, Form()],
    text: Annotated[str, Form()],
    check_back_on: Annotated[date, Form()],
    sent: SentKey = "",
) -> Response:
    said = {"behaviour": behaviour, "text": text, "check_back_on": str(check_back_on)}
    body = {"rollout_id": str(rollout_id), "unit_id": unit_id, **said}
    await viewer.post("content", "/actions", body, sent)
    return back(unit_id, rollout_id, "actions")


@router.post("/units/{unit_id}/actions/{action_id}/check-back")
async def checkback(
    viewer: SignedIn,
    unit_id: UnitId,
    action_id: UUID,
    rollout_id: RolloutId,
    outcome: Annotated[str, Form()],
    note: Annotated[str, Form()] = "",
    sent: SentKey = "",
) -> Response:
    body = {"outcome": outcome, "note": note.strip() or None}
    await viewer.post("content", f"/actions/{action_id}/check-back", body, sent)
    return back(unit_id, rollout_id, "actions")


def back(unit_id: str, rollout_id: UUID, part: str) -> Response:
    """To a part of the unit's page."""
    return RedirectResponse(f"/units/{unit_id}?rollout={rollout_id}#{part}", 303)


def _current(journeys: list[dict[str, Any]]) -> str | None:
    """The newest rollout in which the unit is on its way; else the newest."""
    going = [one for one in journeys if one["status"] not in ("completed", "stopped")]
    first = next(iter(going or journeys), None)
    return str(first["rollout_id"]) if first else None


async def _journey(part: Partial, rollout_id: str, unit_id: str) -> dict[str, Any] | None:
    path = f"/rollouts/{rollout_id}/journeys"
    found = await part.items("workflow", path, branch=unit_id, limit="200")
    return next((one for one in found if one["unit_id"] == unit_id), None)
