"""What a unit recorded wrongly: a meeting, an action or a check-back is corrected or withdrawn."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from portal_service.application.ports import ServiceRefused
from portal_service.domain.forms import sent_key, whole_number
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.http.units import UnitId, today
from portal_service.entrypoints.names import module_texts
from portal_service.entrypoints.partial import Partial
from portal_service.entrypoints.viewer import SignedIn, Viewer

router = APIRouter(include_in_schema=False)
Kind = Literal["meetings", "actions"]
How = Literal["correct", "withdraw", "withdraw-check-back"]
_PATHS: Mapping[str, str] = {"withdraw-check-back": "check-back/withdraw"}
_FIELDS: Mapping[Kind, tuple[str, ...]] = {
    "meetings": ("variant", "held_on", "headcount"),
    "actions": ("behaviour", "text", "check_back_on"),
}
_IDS: Mapping[Kind, str] = {"meetings": "meeting_id", "actions": "action_id"}


@router.get("/units/{unit_id}/{kind}/{record_id}")
async def record(
    request: Request, viewer: SignedIn, unit_id: UnitId, kind: Kind, record_id: UUID, rollout: UUID
) -> Response:
    return await _page(request, viewer, unit_id, kind, record_id, rollout)


@router.post("/units/{unit_id}/{kind}/{record_id}/{how}")
async def change(
    request: Request,
    viewer: SignedIn,
    unit_id: UnitId,
    kind: Kind,
    record_id: UUID,
    how: How,
    rollout_id: Annotated[UUID, Form()],
) -> Response:
    """If it is refused, the page comes back with what was typed and the reason."""
    typed = {name: str(value) for name, value in (await request.form()).items()}
    body: dict[str, Any] = {"reason": typed.get("reason", "").strip()}
    if how == "correct":
        body |= {name: typed.get(name, "") for name in _FIELDS[kind]}
    if kind == "meetings" and how == "correct":
        body["headcount"] = whole_number(typed.get("headcount", "")) or 0
        body["assignment_id"] = typed.get("assignment_id") or None
    path = f"/{kind}/{record_id}/{_PATHS.get(how, how)}"
    try:
        await viewer.post("content", path, body, sent_key(typed.get("sent", "")))
    except ServiceRefused as refusal:
        return await _page(
            request, viewer, unit_id, kind, record_id, rollout_id, how, typed, refusal
        )
    return RedirectResponse(f"/units/{unit_id}?rollout={rollout_id}#changes", 303)


async def _page(
    request: Request,
    viewer: Viewer,
    unit_id: str,
    kind: Kind,
    record_id: UUID,
    rollout_id: UUID,
    how: How | None = None,
    typed: Mapping[str, str] | None = None,
    refusal: ServiceRefused | None = None,
) -> Response:
    """`how` is what was refused; its form has what was typed."""
    part, asked = Partial(viewer), {"rollout_id": str(rollout_id)}
    unit, progress, changes = await asyncio.gather(
        viewer.get("workflow", f"/units/{unit_id}"),
        viewer.get("content", f"/units/{unit_id}/progress", **asked),
        part.items("content", f"/units/{unit_id}/changes", limit="200", **asked),
    )
    of_this = [one for one in progress[kind] if one[_IDS[kind]] == str(record_id)]
    if not of_this:
        raise HTTPException(404)
    return app_of(request).pages.render(
        request,
        "record",
        status=refusal.status if refusal else 200,
        unit=unit,
        kind=kind,
        record=of_this[0],
        record_id=str(record_id),
        assignments=progress["assignments"],
        modules=await module_texts(part, progress["assignments"]),
        rollout_id=str(rollout_id),
        changes=[one for one in changes if one["record_id"] == str(record_id)],
        may=viewer.may_in("practice.correct", unit["path"]),
        how=how,
        typed=typed or {},
        refusal=refusal,
        today=str(today()),
        key=str(uuid4()),
    )
