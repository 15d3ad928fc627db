"""A unit's modules: marking a part of one as done, and leaving one out with a reason."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from starlette.exceptions import HTTPException

from portal_service.application.ports import ServiceRefused
from portal_service.domain.acts import UNIT, WAIVE_PART
from portal_service.domain.language import text_in
from portal_service.entrypoints.act_page import ActPage
from portal_service.entrypoints.http.units import RolloutId, UnitId, back, unit_page
from portal_service.entrypoints.names import module_texts
from portal_service.entrypoints.pages import language_of
from portal_service.entrypoints.partial import Partial
from portal_service.entrypoints.typed import typed_of
from portal_service.entrypoints.viewer import SignedIn, Viewer

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


@router.get("/units/{unit_id}/modules/{assignment_id}/waive")
async def waive_form(
    request: Request, viewer: SignedIn, unit_id: UnitId, assignment_id: UUID, rollout: UUID
) -> Response:
    return (await _waiving(request, viewer, unit_id, assignment_id, rollout)).show({})


@router.post("/units/{unit_id}/modules/{assignment_id}/waive")
async def waive(
    request: Request, viewer: SignedIn, unit_id: UnitId, assignment_id: UUID, rollout: UUID
) -> Response:
    page = await _waiving(request, viewer, unit_id, assignment_id, rollout)
    item = (await typed_of(request)).get("item", "")
    if item not in dict(page.choices["item"]):
        raise HTTPException(404)

    async def send(body: dict[str, Any], _: str) -> None:
        path = f"/assignments/{assignment_id}/items/{item}"
        await viewer.put("content", path, {"status": "waived", **body})

    return await page.perform(send) or back(unit_id, rollout, "modules")


async def _waiving(
    request: Request, viewer: Viewer, unit_id: str, assignment_id: UUID, rollout_id: UUID
) -> ActPage:
    """With the parts that are not finished."""
    viewer.admit("practice.record")
    asked = {"rollout_id": str(rollout_id)}
    progress = await viewer.get("content", f"/units/{unit_id}/progress", **asked)
    wanted = str(assignment_id)
    own = next((one for one in progress["assignments"] if one["assignment_id"] == wanted), None)
    if own is None:
        raise HTTPException(404)
    module = (await module_texts(Partial(viewer), [own]))[wanted]
    language = language_of(request)
    items = module["items"] if module else []
    titles = {one["item_id"]: text_in(one["title"], language)[1] for one in items}
    choices = [
        (one["item_id"], titles.get(one["item_id"], one["item_id"]))
        for one in own["items"]
        if one["status"] in ("not_started", "started")
    ]
    return ActPage(
        request,
        WAIVE_PART,
        (f"/units/{unit_id}?rollout={rollout_id}", UNIT),
        text_in(module["title"], language)[1] if module else own["module_id"],
        choices={"item": choices},
    )
