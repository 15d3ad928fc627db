"""How other systems' files are read: saved once, and then chosen at each import."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from portal_service.application.ports import ServiceRefused
from portal_service.domain.document_form import faults_of, typed_document
from portal_service.domain.mapping_form import COLUMNS, body_of, document_of, field_of, shape_of
from portal_service.domain.upload import Kind
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.http.imports import PATH, SERVICES
from portal_service.entrypoints.typed import typed_of
from portal_service.entrypoints.viewer import SignedIn

router = APIRouter(include_in_schema=False)
_SOURCE = "^[a-z0-9][a-z0-9_-]{0,62}$"


@router.get(f"{PATH}/{{kind}}/mappings")
async def mappings(
    request: Request,
    viewer: SignedIn,
    kind: Kind,
    source: Annotated[str | None, Query(pattern=_SOURCE)] = None,
) -> Response:
    """The form for a new one, or for the one that is saved for this system."""
    viewer.admit("import_mappings.change")
    document = typed_document(shape_of(kind), {})
    if source:
        saved = await viewer.get(SERVICES[kind], f"/import-mappings/{source}")
        document = document_of(saved, kind)
    return await _form(request, viewer, kind, document, source or "")


@router.post(f"{PATH}/{{kind}}/mappings")
async def save(request: Request, viewer: SignedIn, kind: Kind) -> Response:
    """If it is refused, the form comes back with what was typed and every fault."""
    viewer.admit("import_mappings.change")
    typed = await typed_of(request)
    document, source = typed_document(shape_of(kind), typed), typed.get("source", "").strip()
    if not re.fullmatch(_SOURCE, source):
        return await _form(request, viewer, kind, document, source, is_name_wrong=True)
    try:
        await viewer.put(SERVICES[kind], f"/import-mappings/{source}", body_of(document))
    except ServiceRefused as refusal:
        return await _form(request, viewer, kind, document, source, refusal)
    return RedirectResponse(f"{PATH}/{kind}", 303)


async def _form(
    request: Request,
    viewer: SignedIn,
    kind: Kind,
    document: Mapping[str, Any],
    source: str,
    refusal: ServiceRefused | None = None,
    is_name_wrong: bool = False,
) -> Response:
    found = await viewer.get(SERVICES[kind], "/import-mappings", limit="200")
    return app_of(request).pages.render(
        request,
        "mappings",
        status=refusal.status if refusal else 422 if is_name_wrong else 200,
        kind=kind,
        columns=COLUMNS[kind],
        document=document,
        source=source,
        saved=[one["source"] for one in found["items"]],
        refusal=refusal,
        is_name_wrong=is_name_wrong,
        faults=[(field_of(at), detail) for at, detail in faults_of(refusal.errors)]
        if refusal
        else [],
    )
