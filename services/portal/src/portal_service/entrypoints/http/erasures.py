"""Erasing a person, and how far each part of the platform is with it."""

from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from portal_service.domain.acts import ERASE_PERSON, ERASURES
from portal_service.entrypoints.act_page import ActPage
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.typed import typed_of
from portal_service.entrypoints.viewer import SignedIn, Viewer

router = APIRouter(prefix="/erasures", include_in_schema=False)
_ROWS = "50"
_READ = "erasures.read"


@router.get("")
async def erasures(
    request: Request, viewer: SignedIn, page: Annotated[int, Query(ge=1, le=1_000_000)] = 1
) -> Response:
    viewer.admit(_READ)
    found = await viewer.get("people", "/erasures", page=str(page), limit=_ROWS)
    return app_of(request).pages.render(request, "erasures", found=found)


@router.get("/new")
async def erase_form(request: Request, viewer: SignedIn, person_id: str = "") -> Response:
    return _page(request, viewer).show({"person_id": person_id})


@router.post("/new")
async def erase(request: Request, viewer: SignedIn) -> Response:
    """The id has to be typed twice: it cannot be taken back."""
    typed, made = await typed_of(request), {}
    page = _page(request, viewer)
    if typed.get("person_id", "").strip() != typed.get("person_id_again", "").strip():
        return page.show(typed, ["person_id_again"])

    async def send(body: dict[str, Any], key: str) -> None:
        path = f"/persons/{quote(body['person_id'], safe='')}/erase"
        made.update(await viewer.post("people", path, {"reason": body["reason"]}, key))

    refused = await page.perform(send)
    return refused or RedirectResponse(f"/erasures/{made['erasure_id']}", 303)


@router.get("/{erasure_id}")
async def erasure(request: Request, viewer: SignedIn, erasure_id: UUID) -> Response:
    viewer.admit(_READ)
    found = await viewer.get("people", f"/erasures/{erasure_id}")
    return app_of(request).pages.render(request, "erasure", erasure=found)


def _page(request: Request, viewer: Viewer) -> ActPage:
    viewer.admit("persons.change")
    return ActPage(request, ERASE_PERSON, ("/erasures", ERASURES))
