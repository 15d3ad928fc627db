"""The audit trails of all services: search, and save what was found as a file."""

import asyncio
import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.exceptions import HTTPException

from portal_service.domain.audit_search import Search, merged, search_of
from portal_service.domain.texts import SERVICES
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.pages import STOCKHOLM
from portal_service.entrypoints.partial import Partial
from portal_service.entrypoints.viewer import SignedIn, Viewer

router = APIRouter(include_in_schema=False)
PATH = "/operation/audit"
_ROWS = "50"


@router.get(PATH)
async def audit(
    request: Request, viewer: SignedIn, page: Annotated[int, Query(ge=1, le=1_000_000)] = 1
) -> Response:
    """All services' latest lines by time; of one service, page by page."""
    search = _search(request, viewer)
    part = Partial(viewer)
    services = [search.service] if search.service else list(SERVICES)
    number = str(page if search.service else 1)
    asked = {**search.query(STOCKHOLM), "limit": _ROWS, "page": number}
    answers = await asyncio.gather(*(part.get(one, "/audit", **asked) for one in services))
    found = {one: page for one, page in zip(services, answers, strict=True) if page}
    return app_of(request).pages.render(
        request,
        "audit",
        lines=[_readable(one) for one in merged(found)],
        search=search,
        found=found,
        away=part.away,
    )


@router.get(f"{PATH}.csv")
async def file(request: Request, viewer: SignedIn) -> Response:
    """All that a search finds in one service's trail."""
    search = _search(request, viewer)
    if not search.service:
        raise HTTPException(404)
    content = await viewer.csv(search.service, "/audit", **search.query(STOCKHOLM))
    name = f'attachment; filename="audit-{search.service}.csv"'
    headers = {"content-disposition": name}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def _search(request: Request, viewer: Viewer) -> Search:
    viewer.admit("audit.read")
    return search_of(request.query_params, SERVICES)


def _readable(line: Mapping[str, Any]) -> dict[str, Any]:
    """The line with its reason, and with what was before and after as indented JSON or ""."""
    said = json.loads(line["details"] or "{}")
    changes = {
        name: json.dumps(value, indent=1, ensure_ascii=False) if (value := said.get(name)) else ""
        for name in ("before", "after")
    }
    return {**line, **changes, "reason": said.get("reason", "")}
