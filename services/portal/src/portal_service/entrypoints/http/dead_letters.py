"""Dead letters of all services: look at them, send them again, or discard them with a reason."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal
from uuid import uuid4

from fastapi import APIRouter, Form, Path, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from portal_service.application.ports import ServiceAway, ServiceRefused
from portal_service.domain.forms import sent_key
from portal_service.domain.letters import Batch, batches_of
from portal_service.domain.texts import SERVICES
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.partial import Partial
from portal_service.entrypoints.viewer import SignedIn, Viewer

router = APIRouter(include_in_schema=False)
PATH = "/operation/dead-letters"
How = Literal["redrive", "discard"]
_ROWS = 100
"""Of each service; as many as one request may name."""


@router.get(PATH)
async def dead_letters(
    request: Request,
    viewer: SignedIn,
    redrive: Annotated[int, Query(ge=0)] = 0,
    discard: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """`redrive` and `discard`: how many were sent again or discarded just now."""
    return await _page(request, viewer, done={"redrive": redrive, "discard": discard})


@router.get(f"{PATH}/{{service}}/{{group}}/{{offset}}")
async def dead_letter(
    request: Request,
    viewer: SignedIn,
    service: str,
    group: Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]+$")],
    offset: Annotated[int, Path(ge=0)],
) -> Response:
    if service not in SERVICES:
        raise HTTPException(404)
    letter = await viewer.get(service, f"/dead-letters/{group}/{offset}")
    return app_of(request).pages.render(
        request,
        "dead_letter",
        letter={**letter, "service": service},
        may_handle=viewer.may("dead_letters.handle"),
        key=str(uuid4()),
    )


@router.post(PATH)
async def handle(
    request: Request,
    viewer: SignedIn,
    how: Annotated[How, Form()],
    letter: Annotated[list[str] | None, Form()] = None,
    reason: Annotated[str, Form()] = "",
    sent: Annotated[str, Form()] = "",
) -> Response:
    """What could not be done comes back with the list, group by group, and the reason."""
    batches, reason = batches_of(letter or [], SERVICES), reason.strip()
    chosen = frozenset(letter or [])
    if not batches or (how == "discard" and not reason):
        missing = "reason" if batches else "letter"
        return await _page(request, viewer, 422, chosen, missing=missing, reason=reason)
    body = {"reason": reason} if how == "discard" else {}
    answers = [_send(viewer, one, how, body, sent_key(sent)) for one in batches]
    failures = {
        one.group: why for one, why in zip(batches, await asyncio.gather(*answers), strict=True)
    }
    failures = {group: why for group, why in failures.items() if why}
    if failures:
        return await _page(request, viewer, 409, chosen, failures, reason=reason)
    done = sum(len(one.offsets) for one in batches)
    return RedirectResponse(f"{PATH}?{how}={done}", 303)


async def _send(viewer: Viewer, batch: Batch, how: How, body: dict[str, str], sent: str) -> str:
    """The code of why it was not done, or ""."""
    path = f"/dead-letters/{batch.group}/{how}"
    try:
        wanted = {"offsets": list(batch.offsets), **body}
        await viewer.post(batch.service, path, wanted, batch.key(sent, how))
    except ServiceRefused as refusal:
        return refusal.code
    except ServiceAway:
        return "kafka-unavailable"
    return ""


async def _page(
    request: Request,
    viewer: Viewer,
    status: int = 200,
    chosen: frozenset[str] = frozenset(),
    failures: Mapping[str, str] | None = None,
    missing: str = "",
    reason: str = "",
    done: Mapping[str, int] | None = None,
) -> Response:
    """`missing`: what was not filled in; `done`: how many were handled, by how."""
    viewer.admit("dead_letters.read")
    part = Partial(viewer)
    pages = await asyncio.gather(
        *(part.get(one, "/dead-letters", limit=str(_ROWS)) for one in SERVICES)
    )
    letters = _listed(pages)
    return app_of(request).pages.render(
        request,
        "dead_letters",
        status=status,
        letters=letters,
        more=sum(page["total"] for page in pages if page) - len(letters),
        away=part.away,
        may_handle=viewer.may("dead_letters.handle"),
        chosen=chosen,
        failures=failures or {},
        missing=missing,
        reason=reason,
        done=done or {},
        key=str(uuid4()),
    )


def _listed(pages: Sequence[Mapping[str, Any] | None]) -> list[dict[str, Any]]:
    """The letters of all services, oldest first, each with its `service`."""
    found = [
        {**letter, "service": service}
        for service, page in zip(SERVICES, pages, strict=True)
        for letter in (page["items"] if page else ())
    ]
    return sorted(found, key=lambda one: (one["at"], one["group"], one["offset"]))
