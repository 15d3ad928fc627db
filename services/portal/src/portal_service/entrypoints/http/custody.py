"""The custodian's page: which results wait for a share of their key, and handing one in."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from portal_service.domain.acts import CUSTODY, HAND_IN
from portal_service.entrypoints.act_page import ActPage
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.partial import Partial
from portal_service.entrypoints.viewer import SignedIn

router = APIRouter(include_in_schema=False)
_MAY = "custody.hand_in"
_ROWS = "50"
_ROLLOUTS = "200"


@router.get("/custody")
async def custody(
    request: Request, viewer: SignedIn, page: Annotated[int, Query(ge=1, le=1_000_000)] = 1
) -> Response:
    viewer.admit(_MAY)
    part = Partial(viewer)
    found, rollouts = await asyncio.gather(
        viewer.get("assessment", "/custody", page=str(page), limit=_ROWS),
        part.items("workflow", "/rollouts", limit=_ROLLOUTS),
    )
    names = {one["rollout_id"]: one["name"] for one in rollouts}
    return app_of(request).pages.render(
        request, "custody", found=found, names=names, away=part.away
    )


@router.get("/custody/{release_id}")
async def ask(request: Request, viewer: SignedIn, release_id: UUID) -> Response:
    viewer.admit(_MAY)
    return _page(request, release_id).show({})


@router.post("/custody/{release_id}")
async def hand_in(request: Request, viewer: SignedIn, release_id: UUID) -> Response:
    viewer.admit(_MAY)

    async def send(body: dict[str, Any], key: str) -> None:
        await viewer.post("assessment", f"/releases/{release_id}/share", body, key)

    refused = await _page(request, release_id).perform(send)
    return refused or RedirectResponse("/custody", 303)


def _page(request: Request, release_id: UUID) -> ActPage:
    return ActPage(request, HAND_IN, ("/custody", CUSTODY), code=str(release_id))
