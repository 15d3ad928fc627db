"""Instruments: their versions as respondents see them, a new one, and a next version of one."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from portal_service.application.ports import ServiceRefused
from portal_service.domain.document_form import (
    change_rows,
    faults_of,
    typed_document,
    values_of,
)
from portal_service.domain.forms import sent_key
from portal_service.domain.instrument_form import blank, body_of, document_of, shape_of
from portal_service.domain.language import WRITTEN
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.typed import row_change, typed_of
from portal_service.entrypoints.viewer import SignedIn, Viewer

router = APIRouter(include_in_schema=False)
_ROWS = "50"
_ID = "/instrument_id"
InstrumentId = Annotated[str, Path(pattern="^[a-z0-9][a-z0-9-]{0,62}$")]
VersionNumber = Annotated[int, Path(ge=1, le=2**31 - 2)]


@router.get("/instruments")
async def instruments(
    request: Request, viewer: SignedIn, page: Annotated[int, Query(ge=1, le=1_000)] = 1
) -> Response:
    found = await viewer.get("assessment", "/instruments", page=str(page), limit=_ROWS)
    return app_of(request).pages.render(request, "instruments", found=found)


@router.get("/instruments.csv")
async def instruments_file(viewer: SignedIn) -> Response:
    content = await viewer.csv("assessment", "/instruments")
    headers = {
        "content-disposition": 'attachment; filename="instruments.csv"',
        "cache-control": "no-store",
    }
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/instruments/{instrument_id}/versions/{version}")
async def instrument(
    request: Request, viewer: SignedIn, instrument_id: InstrumentId, version: VersionNumber
) -> Response:
    found = await _found(viewer, instrument_id, version)
    return app_of(request).pages.render(request, "instrument", instrument=found, typed=None)


@router.get("/instruments/{instrument_id}/versions/{version}/next")
async def next_form(
    request: Request, viewer: SignedIn, instrument_id: InstrumentId, version: VersionNumber
) -> Response:
    viewer.admit("instruments.publish")
    found = await _found(viewer, instrument_id, version)
    return _form(request, found, document_of(found), await _newest(viewer, instrument_id) + 1)


@router.post("/instruments/{instrument_id}/versions/{version}/next")
async def make_next(
    request: Request, viewer: SignedIn, instrument_id: InstrumentId, version: VersionNumber
) -> Response:
    viewer.admit("instruments.publish")
    found = await _found(viewer, instrument_id, version)
    number = await _newest(viewer, instrument_id) + 1
    return await _publish(request, viewer, found, number, await typed_of(request))


@router.get("/instruments/new")
async def new_form(request: Request, viewer: SignedIn) -> Response:
    viewer.admit("instruments.publish")
    return _form(request, _nothing(""), blank(WRITTEN), 1)


@router.post("/instruments/new")
async def make_new(request: Request, viewer: SignedIn) -> Response:
    viewer.admit("instruments.publish")
    typed = await typed_of(request)
    return await _publish(request, viewer, _nothing(typed.get(_ID, "").strip()), 1, typed)


async def _publish(
    request: Request,
    viewer: Viewer,
    before: Mapping[str, Any],
    number: int,
    typed: Mapping[str, str],
) -> Response:
    """From the form to its preview and back, and from there to publishing. What is refused comes
    back with what was typed and every fault."""
    shape = shape_of(before["languages"])
    document = typed_document(shape, typed)
    if change := row_change(typed):
        change_rows(shape, document, *change)
    if change or typed.get("step") not in ("preview", "publish"):
        return _form(request, before, document, number)
    instrument_id = before["instrument_id"]
    body = body_of(instrument_id, number, before["languages"], document)
    if typed["step"] == "preview":
        return app_of(request).pages.render(
            request,
            "instrument",
            instrument=body,
            typed={**values_of(document), **({_ID: instrument_id} if number == 1 else {})},
            address=request.url.path,
            key=str(uuid4()),
        )
    try:
        await viewer.post("assessment", "/instruments", body, sent_key(typed.get("sent", "")))
    except ServiceRefused as refusal:
        return _form(request, before, document, number, refusal)
    return RedirectResponse(f"/instruments/{instrument_id}/versions/{number}", 303)


def _nothing(instrument_id: str) -> dict[str, Any]:
    """What there is before the first version."""
    return {"instrument_id": instrument_id, "version": 0, "languages": WRITTEN}


async def _found(viewer: Viewer, instrument_id: str, version: int) -> dict[str, Any]:
    return await viewer.get("assessment", f"/instruments/{instrument_id}/versions/{version}")


async def _newest(viewer: Viewer, instrument_id: str) -> int:
    asked = {"instrument_id": instrument_id, "limit": "1"}
    found = await viewer.get("assessment", "/instruments", **asked)
    return int(found["items"][0]["version"])


def _form(
    request: Request,
    instrument: Mapping[str, Any],
    document: Mapping[str, Any],
    number: int,
    refusal: ServiceRefused | None = None,
) -> Response:
    return app_of(request).pages.render(
        request,
        "instrument_form",
        status=refusal.status if refusal else 200,
        address=request.url.path,
        instrument=instrument,
        document=document,
        number=number,
        refusal=refusal,
        faults=faults_of(refusal.errors) if refusal else [],
    )
