"""The start page of those who are signed in: what waits for them, then their units or rollouts."""

import asyncio
import itertools
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
_MOST_WAITING = 20  # Whoever leads a large part of the region is asked for the most urgent.
_DECIDED_BY = {"decide": "decisions.approve"}
_OVER = ("completed", "stopped")


@router.get("/start")
async def start(request: Request, viewer: SignedIn) -> Response:
    """While a service is away, what the others know is shown."""
    part = Partial(viewer)
    rounds, own, rollouts, names = await asyncio.gather(
        _list(part, viewer, "assessment", "/rounds", "rounds.read"),
        _open_rounds(part, viewer),
        _list(part, viewer, "workflow", "/rollouts", "rollouts.read"),
        unit_names(part, viewer.units),
    )
    found = waiting.to_answer(own)
    found += await _to_lead(part, viewer, rounds)
    found += [
        one
        for one in await _to_decide(part, rollouts)
        if viewer.is_shown(_DECIDED_BY.get(one.kind, "rollouts.act"))
    ]
    found += await duties.to_write(request, part, viewer)
    found += await duties.to_hand_in(part, viewer)
    found += await duties.to_operate(request, part, viewer)
    watched = [("rollout", one["rollout_id"]) for one in rollouts]
    watched += [("unit", unit) for unit in viewer.units]
    return app_of(request).pages.render(
        request,
        "start",
        live="/live?" + urlencode(watched[:LONGEST]),
        waiting=waiting.by_urgency(found),
        most=_MOST_WAITING,
        rollouts=rollouts,
        names=names,
        away=part.away,
    )


async def _list(
    part: Partial, viewer: Viewer, service: str, path: str, permission: str, **query: str
) -> list[dict[str, Any]]:
    if not viewer.is_shown(permission):
        return []
    return await part.items(service, path, limit=_LONGEST_PAGE, **query)


async def _open_rounds(part: Partial, viewer: Viewer) -> list[dict[str, Any]]:
    """Those of the viewer's own units, and the one that a one-time code is for."""
    if not viewer.is_shown("rounds.answer"):
        return []
    coded = sorted(one.round for one in viewer.principal.assignments if one.round)
    of_units = (
        _list(part, viewer, "assessment", "/rounds", "rounds.read", unit_id=one, status="open")
        for one in viewer.units
    )
    of_codes = (part.get("assessment", f"/rounds/{one}") for one in coded)
    found = await asyncio.gather(asyncio.gather(*of_units), asyncio.gather(*of_codes))
    return [*itertools.chain.from_iterable(found[0]), *(one for one in found[1] if one)]


async def _to_lead(
    part: Partial, viewer: Viewer, rounds: Sequence[dict[str, Any]]
) -> list[waiting.Waiting]:
    """In the units that the viewer leads, and in all below them."""
    rollouts = sorted({one["rollout_id"] for one in rounds})
    asked = [(one, unit) for one in rollouts for unit in viewer.units_with("practice.record")]
    journeys = await asyncio.gather(*(_under_way(part, *one) for one in asked))
    found = zip(asked, journeys, strict=True)
    return [each for (one, _), units in found for each in waiting.to_lead(one, units)]


async def _under_way(part: Partial, rollout_id: str, unit_id: str) -> list[dict[str, Any]]:
    path = f"/rollouts/{rollout_id}/journeys"
    query = {"branch": unit_id, "status": "active", "limit": _LONGEST_PAGE}
    return await part.items("workflow", path, **query)


async def _to_decide(part: Partial, rollouts: Sequence[dict[str, Any]]) -> list[waiting.Waiting]:
    going_on = [one["rollout_id"] for one in rollouts if one["status"] not in _OVER]
    whole = await asyncio.gather(*(part.get("workflow", f"/rollouts/{one}") for one in going_on))
    return [each for one in whole if one for each in waiting.to_decide(one)]
