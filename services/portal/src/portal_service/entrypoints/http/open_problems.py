"""What waits for somebody to mend it, of all services that list it."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from portal_service.application.ports import ServiceRefused
from portal_service.domain.open_problems import LISTS, Group, grouped
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.names import unit_names
from portal_service.entrypoints.partial import Partial
from portal_service.entrypoints.viewer import SignedIn

router = APIRouter(include_in_schema=False)
_SHOWN, _ROWS = "20", "50"


@dataclass(frozen=True, slots=True)
class _List:
    """What a service answered, and the same by kind."""

    service: str
    found: dict[str, Any]
    groups: list[Group]


@router.get("/operation/open-problems")
async def open_problems(
    request: Request,
    viewer: SignedIn,
    service: str = "",
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> Response:
    """Of each service the first; of one service, page by page."""
    readable = [one for one, permission in LISTS.items() if viewer.may(permission)]
    if not readable:
        raise ServiceRefused(403, "role-missing", "")
    chosen = service if service in readable else ""
    asked = {"limit": _ROWS, "page": str(page)} if chosen else {"limit": _SHOWN}
    part, services = Partial(viewer), [chosen] if chosen else readable
    answers = await asyncio.gather(*(part.get(one, "/open-problems", **asked) for one in services))
    lists = [
        _List(one, found, list(grouped(one, found["items"])))
        for one, found in zip(services, answers, strict=True)
        if found
    ]
    units = {one["unit_id"] for each in lists for one in each.found["items"] if one.get("unit_id")}
    return app_of(request).pages.render(
        request,
        "open_problems",
        lists=lists,
        chosen=chosen,
        names=await unit_names(part, sorted(units)),
        away=part.away,
    )
