"""Making a rollout: its name, its template, the pilot's units and all others."""

import asyncio
from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from portal_service.application.ports import ServiceRefused
from portal_service.domain.forms import sent_key, whole_number
from portal_service.domain.rollout_form import Fault, body_of, faults_in
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.typed import typed_of
from portal_service.entrypoints.viewer import SignedIn, Viewer

router = APIRouter(prefix="/rollouts/new", include_in_schema=False)
_CHOICES = "200"  # the most that a service lists at once


@router.get("")
async def new_form(request: Request, viewer: SignedIn) -> Response:
    viewer.admit("rollouts.act")
    return await _form(request, viewer, {})


@router.post("")
async def create(request: Request, viewer: SignedIn) -> Response:
    """If it is refused, the form comes back with what was typed, and every fault. So it does, with
    other units to choose from, if a page of units is asked for."""
    viewer.admit("rollouts.act")
    typed = await typed_of(request)
    if page := whole_number(typed.get("units_page", "")):
        return await _form(request, viewer, typed, page=page)
    body = body_of(typed)
    try:
        made = await viewer.post("workflow", "/rollouts", body, sent_key(typed.get("sent", "")))
    except ServiceRefused as refusal:
        return await _form(request, viewer, typed, faults_in(body, refusal.errors), refusal)
    return RedirectResponse(f"/rollouts/{made['rollout_id']}", 303)


async def _form(
    request: Request,
    viewer: Viewer,
    typed: Mapping[str, str],
    faults: Sequence[Fault] = (),
    refusal: ServiceRefused | None = None,
    page: int | None = None,
) -> Response:
    """`page`: of the units, which are shown at once then."""
    templates, units = await asyncio.gather(
        _templates(viewer),
        viewer.get("workflow", "/units", limit=_CHOICES, page=str(page or 1)),
    )
    return app_of(request).pages.render(
        request,
        "rollout_form",
        status=refusal.status if refusal else 200,
        templates=templates,
        units=units,
        units_open=page is not None,
        typed=typed,
        faults=faults,
        refusal=refusal,
        key=str(uuid4()),
    )


async def _templates(viewer: Viewer) -> list[dict[str, Any]]:
    """Every version of every template."""
    found = await viewer.get("workflow", "/templates", limit=_CHOICES)
    pages = range(2, ceil(found["total"] / found["limit"]) + 1)
    others = await asyncio.gather(
        *(viewer.get("workflow", "/templates", limit=_CHOICES, page=str(page)) for page in pages)
    )
    return [one for part in (found, *others) for one in part["items"]]
