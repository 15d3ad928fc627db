"""The board of a rollout's units: a picture of all, a table in pages, and a file."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from portal_service.domain.board import ROWS, STATUSES, chosen_by, groups_of, on_page
from portal_service.domain.matrix import SHAPES, SIGN, matrix_of
from portal_service.domain.texts import STEPS
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.viewer import SignedIn

router = APIRouter(include_in_schema=False)


@router.get("/rollouts/{rollout_id}/units")
async def board(
    request: Request,
    viewer: SignedIn,
    rollout_id: UUID,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> Response:
    """One filter, in the address, for the table, the picture and the file."""
    chosen = chosen_by(request.query_params)
    path = f"/rollouts/{rollout_id}"
    rollout, found = await asyncio.gather(
        viewer.get("workflow", path),
        viewer.get("workflow", f"{path}/board", **viewer.within | chosen.query),
    )
    names = {one["unit_id"]: one["name"] for one in found["branches"]}
    groups = groups_of(found["units"], chosen.group, names)
    return app_of(request).pages.render(
        request,
        "board",
        rollout=rollout,
        live=f"/live?rollout={rollout_id}",
        chosen=chosen,
        names=names,
        branches=sorted(found["branches"], key=lambda one: one["name"].casefold()),
        counts={status: found["counts"].get(status, 0) for status in STATUSES},
        steps=list(STEPS),
        matrix=matrix_of(groups),
        shapes=SHAPES,
        sign=SIGN,
        groups=on_page(groups, page),
        found={"page": page, "limit": ROWS, "total": len(found["units"])},
    )


@router.get("/rollouts/{rollout_id}/units.csv")
async def file(request: Request, viewer: SignedIn, rollout_id: UUID) -> Response:
    """All units that the board shows, on whatever page."""
    chosen = chosen_by(request.query_params)
    asked = viewer.within | chosen.query
    content = await viewer.csv("workflow", f"/rollouts/{rollout_id}/journeys", **asked)
    headers = {"content-disposition": 'attachment; filename="units.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)
