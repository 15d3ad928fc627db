"""Modules: what units work with, and the pages where administrators write and publish it."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from portal_service.application.ports import ServiceRefused
from portal_service.domain.document_form import (
    change_rows,
    differences,
    faults_of,
    typed_document,
)
from portal_service.domain.forms import sent_key
from portal_service.domain.module_form import SHAPE, body_of, document_of
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.typed import row_change, typed_of
from portal_service.entrypoints.viewer import SignedIn

router = APIRouter(prefix="/modules", include_in_schema=False)
_ROWS = "50"
ModuleId = Annotated[str, Path(pattern="^[a-z0-9][a-z0-9-]{0,62}$")]
PageNumber = Annotated[int, Query(ge=1, le=1_000)]


@router.get("")
async def modules(request: Request, viewer: SignedIn, page: PageNumber = 1) -> Response:
    """Whoever may write them sees drafts too."""
    is_editor = viewer.may("modules.edit")
    path = "/module-drafts" if is_editor else "/modules"
    found = await viewer.get("content", path, page=str(page), limit=_ROWS)
    return app_of(request).pages.render(request, "modules", found=found, is_editor=is_editor)


@router.get("/new")
async def new_form(request: Request, viewer: SignedIn) -> Response:
    viewer.admit("modules.edit")
    return _form(request, None, typed_document(SHAPE, {}))


@router.post("/new")
async def create(request: Request, viewer: SignedIn) -> Response:
    """If it is refused, the form comes back with what was typed and the reason."""
    viewer.admit("modules.edit")
    typed = await typed_of(request)
    document = typed_document(SHAPE, typed)
    if change := row_change(typed):
        change_rows(SHAPE, document, *change)
        return _form(request, None, document, typed)
    body = body_of(document) | {"module_id": typed.get("module_id", "").strip()}
    try:
        made = await viewer.post("content", "/modules", body, sent_key(typed.get("sent", "")))
    except ServiceRefused as refusal:
        return _form(request, None, document, typed, refusal)
    return RedirectResponse(f"/modules/{made['module_id']}/draft", 303)


@router.get("/{module_id}")
async def newest(request: Request, viewer: SignedIn, module_id: ModuleId) -> Response:
    """The latest version, as a unit sees it."""
    found = await viewer.get("content", f"/modules/{module_id}")
    return app_of(request).pages.render(
        request, "module", module=found, newest=found["version"], preview=False
    )


@router.get("/{module_id}/versions/{version}")
async def version(
    request: Request,
    viewer: SignedIn,
    module_id: ModuleId,
    version: Annotated[int, Path(ge=1, le=1_000_000)],
) -> Response:
    found = await viewer.get("content", f"/modules/{module_id}/versions/{version}")
    latest = await viewer.get("content", f"/modules/{module_id}")
    return app_of(request).pages.render(
        request, "module", module=found, newest=latest["version"], preview=False
    )


@router.get("/{module_id}/draft")
async def draft_form(request: Request, viewer: SignedIn, module_id: ModuleId) -> Response:
    found = await viewer.get("content", f"/modules/{module_id}/draft")
    return _form(request, found, document_of(found["draft"]))


@router.post("/{module_id}/draft")
async def revise(request: Request, viewer: SignedIn, module_id: ModuleId) -> Response:
    """If it is refused, the form comes back with what was typed and the reason; if somebody else
    was faster, also with what differs from what they saved."""
    path = f"/modules/{module_id}/draft"
    found, typed = await viewer.get("content", path), await typed_of(request)
    document = typed_document(SHAPE, typed)
    if change := row_change(typed):
        change_rows(SHAPE, document, *change)
        return _form(request, found, document, typed)
    body = body_of(document) | {"expected_hash": typed.get("version") or None}
    try:
        await viewer.put("content", path, body)
    except ServiceRefused as refusal:
        return _form(request, found, document, typed, refusal)
    return RedirectResponse(path, 303)


@router.get("/{module_id}/draft/preview")
async def preview(request: Request, viewer: SignedIn, module_id: ModuleId) -> Response:
    """The saved draft as a unit would see it, and the way to publish it."""
    found = await viewer.get("content", f"/modules/{module_id}/draft")
    return _preview(request, found)


@router.post("/{module_id}/draft/publish")
async def publish(request: Request, viewer: SignedIn, module_id: ModuleId) -> Response:
    """If it is refused, the draft's form comes back with what is missing."""
    typed = await typed_of(request)
    path = f"/modules/{module_id}"
    body = {"expected_hash": typed.get("version") or None}
    try:
        await viewer.post("content", f"{path}/publish", body, sent_key(typed.get("sent", "")))
    except ServiceRefused as refusal:
        found = await viewer.get("content", f"{path}/draft")
        if refusal.code == "module-changed":
            return _preview(request, found, refusal)
        return _form(request, found, document_of(found["draft"]), None, refusal)
    return RedirectResponse(path, 303)


def _preview(
    request: Request, found: dict[str, Any], refusal: ServiceRefused | None = None
) -> Response:
    module = {**found["draft"], "module_id": found["module_id"], "version": None}
    return app_of(request).pages.render(
        request,
        "module",
        status=refusal.status if refusal else 200,
        module=module,
        newest=found["published_version"],
        preview=True,
        is_published=found["is_published"],
        version=found["draft_hash"],
        refusal=refusal,
        key=str(uuid4()),
    )


def _form(
    request: Request,
    module: Mapping[str, Any] | None,
    document: Mapping[str, Any],
    typed: Mapping[str, str] | None = None,
    refusal: ServiceRefused | None = None,
) -> Response:
    """Somebody else's draft is named when what was typed is sent again: then it is replaced."""
    saved = document_of(module["draft"]) if module else None
    was_changed = refusal is not None and refusal.code == "module-changed"
    kept = typed.get("version") if typed and not was_changed else None
    return app_of(request).pages.render(
        request,
        "module_form",
        status=refusal.status if refusal else 200,
        address=f"/modules/{module['module_id']}/draft" if module else "/modules/new",
        module=module,
        document=document,
        module_id=module["module_id"] if module else (typed or {}).get("module_id", ""),
        version=kept or (module["draft_hash"] if module else ""),
        refusal=refusal,
        faults=faults_of(refusal.errors) if refusal else [],
        differing=differences(document, saved) if was_changed else [],
        is_unsaved=typed is not None and refusal is None,
        key=str(uuid4()),
    )
