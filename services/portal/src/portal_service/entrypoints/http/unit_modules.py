"""A unit's modules: marking a part of one as done."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response

from portal_service.application.ports import ServiceRefused
from portal_service.entrypoints.http.units import RolloutId, UnitId, back, unit_page
from portal_service.entrypoints.viewer import SignedIn

router = APIRouter(include_in_schema=False)


@router.post("/units/{unit_id}/modules/{assignment_id}")
async def mark_done(
    request: Request,
    viewer: SignedIn,
    unit_id: UnitId,
    assignment_id: UUID,
    rollout_id: RolloutId,
    item: Annotated[str, Form(pattern="^[a-z0-9][a-z0-9-]{0,62}$")],
) -> Response:
    path = f"/assignments/{assignment_id}/items/{item}"
    try:
        await viewer.put("content", path, {"status": "done"})
    except ServiceRefused as refusal:
        return await unit_page(request, viewer, "unit", unit_id, rollout_id, refusal=refusal)
    return back(unit_id, rollout_id, "modules")
