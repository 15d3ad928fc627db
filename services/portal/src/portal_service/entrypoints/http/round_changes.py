"""Rounds of a unit or a rollout, and what administrators do with one: close, extend, write off."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from portal_service.domain.acts import ROUND_ACTS, ROUNDS
from portal_service.domain.texts import ROUND_STATUSES
from portal_service.entrypoints.act_page import ActPage
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.pages import STOCKHOLM
from portal_service.entrypoints.viewer import SignedIn, Viewer

router = APIRouter(include_in_schema=False)
_ROWS = "50"
_CLOSES = "rounds.close"
How = Literal["close", "extend", "write-off"]
UnitQuery = Annotated[str | None, Query(pattern="^[a-z0-9][a-z0-9-]{0,62}$")]


@router.get("/rounds")
async def rounds(
    request: Request,
    viewer: SignedIn,
    unit_id: UnitQuery = None,
    rollout_id: UUID | None = None,
    status: str = "",
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> Response:
    viewer.admit(_CLOSES)
    chosen = {
        "unit_id": unit_id or "",
        "rollout_id": str(rollout_id or ""),
        "status": status if status in ROUND_STATUSES else "",
    }
    asked = {name: value for name, value in chosen.items() if value}
    found = await viewer.get("assessment", "/rounds", page=str(page), limit=_ROWS, **asked)
    return app_of(request).pages.render(
        request, "rounds", found=found, chosen=chosen, asked=asked, round_acts=ROUND_ACTS
    )


@router.get("/rounds/{round_id}/{how}")
async def ask(request: Request, viewer: SignedIn, round_id: UUID, how: How) -> Response:
    page, round_ = await _page(request, viewer, round_id, how)
    closes_at = datetime.fromisoformat(round_["closes_at"]).astimezone(STOCKHOLM)
    return page.show({"closes_at": closes_at.strftime("%Y-%m-%dT%H:%M")})


@router.post("/rounds/{round_id}/{how}")
async def change(request: Request, viewer: SignedIn, round_id: UUID, how: How) -> Response:
    page, round_ = await _page(request, viewer, round_id, how)

    async def send(body: dict[str, Any], key: str) -> None:
        if "closes_at" in body:
            local = datetime.fromisoformat(body["closes_at"]).replace(tzinfo=STOCKHOLM)
            body["closes_at"] = local.isoformat()
        await viewer.post("assessment", f"/rounds/{round_id}/{how}", body, key)

    refused = await page.perform(send)
    return refused or RedirectResponse(f"/rounds?rollout_id={round_['rollout_id']}", 303)


async def _page(
    request: Request, viewer: Viewer, round_id: UUID, how: How
) -> tuple[ActPage, dict[str, Any]]:
    viewer.admit(_CLOSES if how == "close" else "rounds.extend")
    round_ = await viewer.get("assessment", f"/rounds/{round_id}")
    back = (f"/rounds?rollout_id={round_['rollout_id']}", ROUNDS)
    shown = {"round": round_}
    page = ActPage(
        request, ROUND_ACTS[how], back, round_["unit_name"], template="round_act", shown=shown
    )
    return page, round_
