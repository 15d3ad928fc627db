"""Changes of units: planned ones, and planning one by way of a preview of what it would do."""

from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from portal_service.application.ports import ServiceRefused
from portal_service.domain import acts
from portal_service.domain.forms import sent_key
from portal_service.domain.texts import UNIT_CHANGE_STATUSES, UNIT_CHANGES
from portal_service.domain.unit_change_form import ACTS, by_field, plan_of
from portal_service.entrypoints.act_page import ActPage
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.typed import typed_of
from portal_service.entrypoints.viewer import SignedIn, Viewer

router = APIRouter(prefix="/unit-changes", include_in_schema=False)
_ROWS = "50"
Kind = Literal["rename", "move", "merge", "split", "dissolve"]


@router.get("")
async def unit_changes(
    request: Request,
    viewer: SignedIn,
    status: str = "",
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> Response:
    return await _list(request, viewer, status, page)


@router.post("/{change_id}/cancel")
async def cancel(
    request: Request, viewer: SignedIn, change_id: UUID, sent: Annotated[str, Form()] = ""
) -> Response:
    try:
        await viewer.post("workflow", f"/unit-changes/{change_id}/cancel", {}, sent_key(sent))
    except ServiceRefused as refusal:
        return await _list(request, viewer, refusal=refusal)
    return RedirectResponse("/unit-changes", 303)


@router.get("/new/{kind}")
async def new_form(request: Request, viewer: SignedIn, kind: Kind, unit_id: str = "") -> Response:
    return _form(request, viewer, kind).show({"unit_id": unit_id, "unit_ids": unit_id})


@router.post("/new/{kind}")
async def plan(request: Request, viewer: SignedIn, kind: Kind) -> Response:
    """From the form to its preview and back, and from there to planning it."""
    page, typed = _form(request, viewer, kind), await typed_of(request)
    body, wrong = acts.body_of(page.act, typed)
    if wrong or typed.get("step") == "edit":
        return page.show(typed, wrong)
    step = typed.get("step") == "plan"
    path = "/unit-changes" if step else "/unit-changes?dry_run=true"
    try:
        found = await viewer.post(
            "workflow", path, plan_of(kind, body), sent_key(typed.get("sent", "")) if step else ""
        )
    except ServiceRefused as refusal:
        faults = by_field(kind, refusal.errors)
        again = ServiceRefused(refusal.status, refusal.code, refusal.detail, faults)
        return page.show(typed, refusal=again)
    if step:
        return RedirectResponse("/unit-changes", 303)
    return app_of(request).pages.render(
        request,
        "unit_change_preview",
        preview=found,
        typed={field.name: typed.get(field.name, "") for field in page.act.fields},
        act=page.act,
        key=str(uuid4()),
    )


def _form(request: Request, viewer: Viewer, kind: Kind) -> ActPage:
    viewer.admit("units.change")
    return ActPage(request, ACTS[kind], ("/unit-changes", acts.UNIT_CHANGES))


async def _list(
    request: Request,
    viewer: Viewer,
    status: str = "",
    page: int = 1,
    refusal: ServiceRefused | None = None,
) -> Response:
    viewer.admit("units.change")
    asked: dict[str, Any] = {"status": status} if status in UNIT_CHANGE_STATUSES else {}
    found = await viewer.get("workflow", "/unit-changes", page=str(page), limit=_ROWS, **asked)
    return app_of(request).pages.render(
        request,
        "unit_changes",
        status=refusal.status if refusal else 200,
        found=found,
        chosen=asked.get("status", ""),
        kinds=UNIT_CHANGES,
        refusal=refusal,
        key=str(uuid4()),
    )
