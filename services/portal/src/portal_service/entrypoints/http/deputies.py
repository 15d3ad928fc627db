"""Standing in: who stands in for whom; let somebody stand in, and end it."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from portal_service.application.ports import ServiceRefused
from portal_service.domain.delegating import FIELDS, Post, body_of, posts_of, where_wrong
from portal_service.domain.forms import sent_key
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.http.units import today
from portal_service.entrypoints.names import unit_names
from portal_service.entrypoints.partial import Partial
from portal_service.entrypoints.viewer import SignedIn, Viewer

router = APIRouter(include_in_schema=False)
PATH = "/deputies"
_ROWS = "50"
_NOTHING = dict.fromkeys((*FIELDS, "post", "ended"), "")


@router.get(PATH)
async def deputies(
    request: Request, viewer: SignedIn, page: Annotated[int, Query(ge=1, le=1_000_000)] = 1
) -> Response:
    return await _page(request, viewer, page=page)


@router.post(PATH)
async def appoint(request: Request, viewer: SignedIn) -> Response:
    """If it is refused, the page comes back with what was typed and the reason."""
    typed = {name: str(value) for name, value in (await request.form()).items()}
    key = sent_key(typed.get("sent", ""))
    try:
        await viewer.post("people", "/delegations", body_of(typed), key)
    except ServiceRefused as refusal:
        return await _page(request, viewer, typed, refusal)
    return RedirectResponse(PATH, 303)


@router.post(f"{PATH}/{{delegation_id}}/end")
async def end(request: Request, viewer: SignedIn, delegation_id: UUID) -> Response:
    typed = {name: str(value) for name, value in (await request.form()).items()}
    body = {"reason": typed.get("reason", "").strip()}
    path = f"/delegations/{delegation_id}/end"
    try:
        await viewer.post("people", path, body, sent_key(typed.get("sent", "")))
    except ServiceRefused as refusal:
        return await _page(request, viewer, {"ended": str(delegation_id), **body}, refusal)
    return RedirectResponse(PATH, 303)


async def _page(
    request: Request,
    viewer: Viewer,
    typed: Mapping[str, str] | None = None,
    refusal: ServiceRefused | None = None,
    page: int = 1,
) -> Response:
    found = await viewer.get("people", "/delegations", limit=_ROWS, page=str(page))
    if not (viewer.stands_in or found["total"]):
        viewer.admit("delegations.make", "delegations.record")
    part, posts = Partial(viewer), _posts(viewer)
    units = {one["unit_id"] for one in found["items"]} | {one.unit_id for one in posts}
    day = str(today())
    return app_of(request).pages.render(
        request,
        "deputies",
        status=refusal.status if refusal else 200,
        found=found,
        current=[one for one in found["items"] if not _is_over(one, day)],
        over=[one for one in found["items"] if _is_over(one, day)],
        names=await unit_names(part, sorted(units - {""})),
        posts=posts,
        ends=viewer.may("delegations.end"),
        typed={**_NOTHING, **(typed or {})},
        away=part.away,
        refusal=refusal,
        wrong=where_wrong(refusal.errors) if refusal else [],
        today=day,
        key=str(uuid4()),
    )


def _posts(viewer: Viewer) -> list[Post]:
    if not viewer.may("delegations.make"):
        return []
    own = [one for one in viewer.principal.assignments if not one.standing_for]
    return posts_of((one.role, one.unit) for one in own)


def _is_over(delegation: Mapping[str, Any], day: str) -> bool:
    return delegation["ended_on"] is not None or delegation["valid_to"] < day
