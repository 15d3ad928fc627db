"""Importing units and persons from a file: a preview first, and twice asked if many would end."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData, UploadFile

from portal_service.application.ports import ServiceRefused
from portal_service.domain.forms import sent_key, whole_number
from portal_service.domain.upload import (
    LARGEST,
    LARGEST_FORM,
    Fault,
    Kind,
    Upload,
    faults_of,
    unpacked,
)
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.viewer import SignedIn, Viewer

router = APIRouter(include_in_schema=False)
PATH = "/imports"
_SERVICES: Mapping[Kind, str] = {"units": "workflow", "persons": "people"}
_PERMISSIONS: Mapping[Kind, str] = {"units": "units.change", "persons": "persons.change"}


@router.get(f"{PATH}/{{kind}}")
async def choose(request: Request, viewer: SignedIn, kind: Kind) -> Response:
    viewer.admit(_PERMISSIONS[kind])
    return _page(request, kind)


@router.post(f"{PATH}/{{kind}}")
async def go_on(request: Request, viewer: SignedIn, kind: Kind) -> Response:
    """From the file to its preview, from there to the import; of persons who would end, by way of
    a second question. A file that is refused changes nothing."""
    viewer.admit(_PERMISSIONS[kind])
    async with request.form(max_files=1, max_fields=20, max_part_size=LARGEST_FORM) as form:
        upload = await _upload(form)
        said = {name: value for name, value in form.items() if isinstance(value, str)}
    if upload is None or len(upload.content) > LARGEST:
        return _page(request, kind, 422, problem="no-file" if upload is None else "too-large")
    chosen = {"complete": "true"} if said.get("complete") and kind == "persons" else {}
    try:
        preview = await _send(viewer, kind, upload, {**chosen, "dry_run": "true"})
        step = _next(said, preview)
        if step != "done":
            return _page(request, kind, 200, step, upload, chosen, preview, said=said)
        confirm = {"confirm": preview["confirm"]} if preview.get("confirm") else {}
        key = sent_key(said.get("sent", ""))
        done = await _send(viewer, kind, upload, {**chosen, **confirm}, key)
    except ServiceRefused as refusal:
        if refusal.status == 403 and refusal.code != "own-region-role":
            raise
        faults = faults_of(refusal.errors)
        return _page(request, kind, refusal.status, refusal=refusal, faults=faults)
    return _page(request, kind, 200, "done", upload, chosen, done)


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
        _SERVICES[kind], path, upload.content, upload.media_type, key, **query
    )


def _page(
    request: Request,
    kind: Kind,
    status: int = 200,
    step: str = "choose",
    upload: Upload | None = None,
    chosen: Mapping[str, str] | None = None,
    result: Mapping[str, Any] | None = None,
    refusal: ServiceRefused | None = None,
    faults: list[Fault] | None = None,
    problem: str = "",
    said: Mapping[str, str] | None = None,
) -> Response:
    return app_of(request).pages.render(
        request,
        "import",
        status=status,
        kind=kind,
        step=step,
        packed=upload.packed() if upload and step in ("preview", "sure") else "",
        complete=bool(chosen),
        result=result,
        refusal=refusal,
        faults=faults or [],
        problem=problem,
        answered=said or {},
        largest=LARGEST // 1024 // 1024,
        key=str(uuid4()),
    )
