"""Open pages: a stream of server-sent events that says when to look again, and nothing else."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from contracts.vocabulary import UnitId
from portal_service.application.changes import Changes
from portal_service.application.ports import SignedOut
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.viewer import Viewer, viewer_of

router = APIRouter(include_in_schema=False)

LONGEST = 20
"""Subjects that one page may watch."""
_SILENCE_SECONDS = 15.0  # A proxy ends a stream that is silent for long.
_BETWEEN_SECONDS = 1.0
_LONGEST_SECONDS = 600.0  # As long as a token: then the browser asks anew, as whoever it is then.
_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


@router.get("/live")
async def live(
    request: Request,
    rollout: Annotated[tuple[UUID, ...], Query(max_length=LONGEST)] = (),
    unit: Annotated[tuple[UnitId, ...], Query(max_length=LONGEST)] = (),
) -> Response:
    """204 for who is not signed in (any more): a browser does not ask again then.

    An open page does not keep a session alive.
    """
    try:
        viewer = await viewer_of(request, used=False)
    except SignedOut:
        return Response(status_code=204)
    await _check(viewer, unit)
    watched = [*(f"rollout/{one}" for one in rollout), *(f"unit/{one}" for one in unit)]
    stream = _stream(app_of(request).changes, watched)
    return StreamingResponse(stream, media_type="text/event-stream", headers=_HEADERS)


async def _check(viewer: Viewer, units: Sequence[str]) -> None:
    """Raises ServiceRefused for a unit that the viewer may not see.

    That something happens in a rollout is no secret: its timetable is public.
    """
    others = [one for one in units if not viewer.reaches(one)]
    await asyncio.gather(*(viewer.get("workflow", f"/units/{one}") for one in others))


async def _stream(changes: Changes, watched: Sequence[str]) -> AsyncIterator[str]:
    loop = asyncio.get_running_loop()
    end = loop.time() + _LONGEST_SECONDS
    yield "retry: 5000\n\n"
    with changes.watching(watched) as watcher:
        while loop.time() < end:
            signal = await watcher.next(_SILENCE_SECONDS)
            if signal == "end":
                return
            if signal is None:
                yield ": nothing new\n\n"
                continue
            yield f"event: {signal}\ndata:\n\n"
            await asyncio.sleep(_BETWEEN_SECONDS)
