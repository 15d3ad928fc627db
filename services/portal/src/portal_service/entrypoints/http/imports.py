"""Importing units and persons from a file: a preview first, and twice asked if many would end."""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData, UploadFile

from portal_service.application.ports import ServiceRefused
from portal_service.domain.forms import sent_key, whole_number
from portal_service.domain.open_problems import meaning
from portal_service.domain.upload import (
    LARGEST,
    LARGEST_FORM,
    Kind,
    Upload,
    faults_of,
    unpacked,
)
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.partial import Partial
from portal_service.entrypoints.viewer import SignedIn, Viewer
from servicekit.excel_table import sheet_names

router = APIRouter(include_in_schema=False)
PATH = "/imports"
SERVICES: Mapping[Kind, str] = {"units": "workflow", "persons": "people"}
PERMISSIONS: Mapping[Kind, str] = {"units": "units.change", "persons": "persons.change"}
_PATIENCE_SECONDS = 5
"""An import of persons that takes longer is followed on a page of its own."""


@router.get(f"{PATH}/persons/progress/{{key}}")
async def progress(request: Request, viewer: SignedIn, key: UUID) -> Response:
    """How far the viewer's own import is that was sent under this key."""
    viewer.admit(PERMISSIONS["persons"])
    found = await viewer.get("people", "/persons/import/progress", key=str(key))
    return app_of(request).pages.render(request, "import_progress", progress=found)


@router.get(f"{PATH}/{{kind}}")
async def choose(request: Request, viewer: SignedIn, kind: Kind) -> Response:
    viewer.admit(PERMISSIONS[kind])
    return await _page(request, viewer, kind)


@router.post(f"{PATH}/{{kind}}")
async def go_on(request: Request, viewer: SignedIn, kind: Kind) -> Response:
    """From the file to its preview, from there to the import; of persons who would end, by way of
    a second question. A file that is refused changes nothing, and can be read otherwise."""
    viewer.admit(PERMISSIONS[kind])
    async with request.form(max_files=1, max_fields=20, max_part_size=LARGEST_FORM) as form:
        upload = await _upload(form)
        said = {name: value for name, value in form.items() if isinstance(value, str)}
    if upload is None or len(upload.content) > LARGEST:
        problem = "no-file" if upload is None else "too-large"
        return await _page(request, viewer, kind, 422, said=said, problem=problem)
    chosen = _chosen(kind, upload, said)
    try:
        preview = await _send(viewer, kind, upload, {**chosen, "dry_run": "true"})
        step = _next(said, preview)
        if step != "done":
            return await _page(request, viewer, kind, 200, step, upload, preview, said)
        confirm = {"confirm": preview["confirm"]} if preview.get("confirm") else {}
        key = sent_key(said.get("sent", "")) or str(uuid4())
        sending = _send(viewer, kind, upload, {**chosen, **confirm}, key)
        done = await app_of(request).unfinished.within(_PATIENCE_SECONDS, sending)
    except ServiceRefused as refusal:
        if refusal.status == 403 and refusal.code != "own-region-role":
            raise
        if refusal.code == "request-in-progress" and kind == "persons":
            return RedirectResponse(f"{PATH}/persons/progress/{key}", 303)
        return await _page(
            request, viewer, kind, refusal.status, upload=upload, said=said, refusal=refusal
        )
    if done is None:
        return RedirectResponse(f"{PATH}/persons/progress/{key}", 303)
    return await _page(request, viewer, kind, 200, "done", upload, done, said)


def _chosen(kind: Kind, upload: Upload, said: Mapping[str, str]) -> dict[str, str]:
    """How the file is read, as the service takes it."""
    names = ("source", "sheet") if upload.is_workbook else ("source",)
    chosen = {name: said[name].strip() for name in names if said.get(name, "").strip()}
    if said.get("complete") and kind == "persons":
        chosen["complete"] = "true"
    return chosen


def _next(said: Mapping[str, str], preview: Mapping[str, Any]) -> str:
    """`preview`, `sure` (the second question), or `done`. What is asked depends on what the file
    would do now, not on what an earlier preview said."""
    if said.get("step") not in ("import", "sure"):
        return "preview"
    if not preview.get("confirm"):
        return "done"
    if "seen" not in said:
        return "preview"
    numbers = preview["numbers"]
    affected = numbers["ended"] + numbers["moved"]
    return "done" if whole_number(said.get("affected", "").strip()) == affected else "sure"


async def _upload(form: FormData) -> Upload | None:
    file, packed = form.get("file"), form.get("packed")
    if isinstance(file, UploadFile):
        content = await file.read(LARGEST + 1)
        return Upload(content) if content else None
    return unpacked(packed) if isinstance(packed, str) else None


async def _send(
    viewer: Viewer, kind: Kind, upload: Upload, query: Mapping[str, str], key: str = ""
) -> dict[str, Any]:
    path = f"/{kind}/import"
    return await viewer.upload(
        SERVICES[kind], path, upload.content, upload.media_type, key, **query
    )


async def _page(
    request: Request,
    viewer: Viewer,
    kind: Kind,
    status: int = 200,
    step: str = "choose",
    upload: Upload | None = None,
    result: Mapping[str, Any] | None = None,
    said: Mapping[str, str] | None = None,
    refusal: ServiceRefused | None = None,
    problem: str = "",
) -> Response:
    """`upload` stays in the page until it is imported, also if it was refused."""
    saved = await Partial(viewer).items(SERVICES[kind], "/import-mappings", limit="200")
    sheets = []
    if upload and upload.is_workbook:
        sheets = await asyncio.to_thread(sheet_names, upload.content)
    return app_of(request).pages.render(
        request,
        "import",
        status=status,
        kind=kind,
        step=step,
        packed=upload.packed() if upload and step != "done" else "",
        sources=[one["source"] for one in saved],
        sheets=sheets,
        result=result,
        refusal=refusal,
        meaning=meaning,
        faults=faults_of(refusal.errors) if refusal else [],
        problem=problem,
        answered=said or {},
        largest=LARGEST // 1024 // 1024,
        key=str(uuid4()),
    )
