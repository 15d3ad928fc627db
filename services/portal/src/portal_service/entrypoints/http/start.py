"""The start page of those who are signed in: what waits for them, then their units or rollouts."""

import asyncio
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from portal_service.domain import waiting
from portal_service.entrypoints import duties
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.http.live import LONGEST
from portal_service.entrypoints.names import unit_names
from portal_service.entrypoints.partial import Partial
from portal_service.entrypoints.viewer import SignedIn, Viewer

router = APIRouter(include_in_schema=False)
_LONGEST_PAGE = "200"
_OVER = ("completed", "stopped")


@router.get("/start")
async def start(request: Request, viewer: SignedIn) -> Response:
    """While a service is away, what the others know is shown."""
    part = Partial(viewer)
    rounds, rollouts, names = await asyncio.gather(
        _list(part, viewer, "assessment", "/rounds", "rounds.read"),
        _list(part, viewer, "workflow", "/rollouts", "rollouts.read"),
        unit_names(part, viewer.units),
    )
    own = [one for one in rounds if one["unit_id"] in viewer.units]
    found = waiting.to_answer(own) if viewer.may("rounds.answer") else []
    if viewer.may("practice.record"):
        found += await _to_lead(part, viewer, own)
    found += await _to_decide(part, rollouts)
    found += await duties.to_write(request, part, viewer)
    found += await duties.to_operate(request, part, viewer)
    watched = [("rollout", one["rollout_id"]) for one in rollouts]
    watched += [("unit", unit) for unit in viewer.units]
    return app_of(request).pages.render(
        request,
        "start",
        live="/live?" + urlencode(watched[:LONGEST]),
        waiting=waiting.by_urgency(found),
        rollouts=rollouts,
        names=names,
        away=part.away,
    )


async def _list(
    part: Partial, viewer: Viewer, service: str, path: str, permission: str
) -> list[dict[str, Any]]:
    if not viewer.may(permission):
        return []
    return await part.items(service, path, limit=_LONGEST_PAGE)


async def _to_lead(
    part: Partial, viewer: Viewer, rounds: Sequence[dict[str, Any]]
) -> list[waiting.Waiting]:
    found = []
    for rollout_id in sorted({one["rollout_id"] for one in rounds}):
        path = f"/rollouts/{rollout_id}/journeys"
        journeys = await _list(part, viewer, "workflow", path, "journeys.read")
        found += waiting.to_lead(rollout_id, journeys)
    return found


async def _to_decide(part: Partial, rollouts: Sequence[dict[str, Any]]) -> list[waiting.Waiting]:
    going_on = [one["rollout_id"] for one in rollouts if one["status"] not in _OVER]
    whole = await asyncio.gather(*(part.get("workflow", f"/rollouts/{one}") for one in going_on))
    return [each for one in whole if one for each in waiting.to_decide(one)]
