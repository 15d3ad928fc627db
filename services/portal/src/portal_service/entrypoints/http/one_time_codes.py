"""Printing one-time codes for those who have no mail address: letters, or slips."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from portal_service.application.ports import ServiceRefused
from portal_service.domain.forms import whole_number
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.pages import language_of
from portal_service.entrypoints.typed import typed_of
from portal_service.entrypoints.viewer import SignedIn, Viewer

router = APIRouter(include_in_schema=False)
_ROWS = "50"
_PRINTED = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'none';"
    " base-uri 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
}
"""The page is the people service's own: it has its style in it, and no script, link or form."""


@router.get("/codes")
async def rounds(
    request: Request, viewer: SignedIn, page: Annotated[int, Query(ge=1, le=1_000_000)] = 1
) -> Response:
    """The open rounds, each with a link to print its codes."""
    viewer.admit("codes.issue")
    found = await viewer.get("assessment", "/rounds", status="open", limit=_ROWS, page=str(page))
    return app_of(request).pages.render(request, "codes", found=found)


@router.get("/rounds/{round_id}/codes")
async def choose(request: Request, viewer: SignedIn, round_id: UUID) -> Response:
    viewer.admit("codes.issue")
    return await _form(request, viewer, round_id, {"form": "letters"})


@router.post("/rounds/{round_id}/codes")
async def make(request: Request, viewer: SignedIn, round_id: UUID) -> Response:
    """The page to print. It is kept nowhere: the same form sent again makes other codes."""
    viewer.admit("codes.issue")
    typed = await typed_of(request)
    count = typed.get("count", "").strip()
    body: dict[str, object] = {"form": typed.get("form", "")}
    if body["form"] == "slips" and count:
        body["count"] = count if whole_number(count) is None else int(count)
    try:
        path, language = f"/rounds/{round_id}/sign-in-codes", language_of(request)
        printed = await viewer.print("people", path, body, language)
    except ServiceRefused as refusal:
        return await _form(request, viewer, round_id, typed, refusal)
    return HTMLResponse(printed, headers=_PRINTED)


async def _form(
    request: Request,
    viewer: Viewer,
    round_id: UUID,
    typed: dict[str, str],
    refusal: ServiceRefused | None = None,
) -> Response:
    return app_of(request).pages.render(
        request,
        "codes_form",
        status=refusal.status if refusal else 200,
        round=await viewer.get("assessment", f"/rounds/{round_id}"),
        typed=typed,
        refusal=refusal,
    )
