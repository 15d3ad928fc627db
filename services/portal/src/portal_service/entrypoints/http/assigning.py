"""Giving modules to units of a rollout, by way of a preview: what is given is not taken back."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from portal_service.application.ports import ServiceRefused
from portal_service.domain.assign_form import body_of, faults_in, missing_in
from portal_service.domain.forms import sent_key
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.typed import typed_of
from portal_service.entrypoints.viewer import SignedIn, Viewer

router = APIRouter(prefix="/rollouts/{rollout_id}/modules", include_in_schema=False)
_CHOICES = "200"  # the most that a service lists at once


@router.get("")
async def assign_form(
    request: Request,
    viewer: SignedIn,
    rollout_id: UUID,
    unit_id: str = "",
    wave: Annotated[int | None, Query(ge=0, le=10_000)] = None,
) -> Response:
    """With `wave` the units of that wave are in the field already."""
    viewer.admit("assignments.make")
    units = [unit_id]
    if wave is not None:
        path = f"/rollouts/{rollout_id}/board"
        board = await viewer.get("workflow", path, wave=str(wave))
        units = [one["unit_id"] for one in board["units"]]
    return await _form(request, viewer, rollout_id, {"units": "\n".join(units)})


@router.post("")
async def assign(request: Request, viewer: SignedIn, rollout_id: UUID) -> Response:
    """From the form to its preview and back, and from there to the units."""
    viewer.admit("assignments.make")
    typed = await typed_of(request)
    body = body_of(str(rollout_id), typed)
    missing = missing_in(body)
    if missing or typed.get("step") not in ("preview", "give"):
        return await _form(request, viewer, rollout_id, typed, missing)
    if typed["step"] == "preview":
        return await _form(request, viewer, rollout_id, typed, preview=body)
    try:
        await viewer.post("content", "/assignments", body, sent_key(typed.get("sent", "")))
    except ServiceRefused as refusal:
        faults = faults_in(body, refusal.errors)
        return await _form(request, viewer, rollout_id, typed, refusal=refusal, faults=faults)
    if len(body["unit_ids"]) == 1:
        unit = f"/units/{body['unit_ids'][0]}?rollout={rollout_id}#modules"
        return RedirectResponse(unit, 303)
    return RedirectResponse(f"/rollouts/{rollout_id}", 303)


async def _form(
    request: Request,
    viewer: Viewer,
    rollout_id: UUID,
    typed: Mapping[str, str],
    missing: Sequence[str] = (),
    preview: Mapping[str, Any] | None = None,
    refusal: ServiceRefused | None = None,
    faults: Sequence[tuple[str, str, str]] = (),
) -> Response:
    rollout = await viewer.get("workflow", f"/rollouts/{rollout_id}")
    modules = await viewer.get("content", "/modules", limit=_CHOICES)
    return app_of(request).pages.render(
        request,
        "assign",
        status=refusal.status if refusal else 422 if missing else 200,
        rollout=rollout,
        modules=modules["items"],
        typed=typed,
        missing=missing,
        preview=preview,
        refusal=refusal,
        faults=faults,
        key=str(uuid4()),
    )
