"""Templates of rollouts in words; a new version is JSON that is checked before it is published."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import UploadFile

from portal_service.application.ports import ServiceRefused
from portal_service.domain import json_text
from portal_service.domain.document_form import faults_of
from portal_service.domain.forms import sent_key
from portal_service.domain.texts import STEPS
from portal_service.domain.upload import LARGEST_FORM, LARGEST_TEMPLATE
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.viewer import SignedIn

router = APIRouter(prefix="/templates", include_in_schema=False)
_ROWS = "50"
TemplateId = Annotated[str, Path(pattern="^[a-z0-9][a-z0-9_-]{0,62}$")]
VersionNumber = Annotated[int, Path(ge=1, le=1_000_000)]


@dataclass(frozen=True, slots=True)
class Fault:
    """`line` counts from 1; `pointer` is empty for the whole text."""

    line: int
    pointer: str
    detail: str


@router.get("")
async def templates(
    request: Request, viewer: SignedIn, page: Annotated[int, Query(ge=1, le=1_000)] = 1
) -> Response:
    found = await viewer.get("workflow", "/templates", page=str(page), limit=_ROWS)
    return app_of(request).pages.render(request, "templates", found=found)


@router.get("/new")
async def new_form(request: Request, viewer: SignedIn) -> Response:
    viewer.admit("templates.publish")
    return _form(request, "")


@router.post("/new")
async def check_and_publish(request: Request, viewer: SignedIn) -> Response:
    """From the text to its preview in words, and from there to publishing. What has faults comes
    back as it was written, with every fault by its line."""
    viewer.admit("templates.publish")
    async with request.form(max_files=1, max_fields=10, max_part_size=LARGEST_FORM) as form:
        typed = {name: text for name, text in form.items() if isinstance(text, str)}
        file = form.get("file")
        content = await file.read(LARGEST_TEMPLATE + 1) if isinstance(file, UploadFile) else b""
    text = typed.get("document", "")
    if max(len(content), len(text.encode())) > LARGEST_TEMPLATE:
        return _form(request, text, too_large=True)
    if content:
        text = content.decode("utf-8-sig", "replace")
    if typed.get("step") == "edit":
        return _form(request, text)
    try:
        document = json_text.read(text)
    except json_text.NotJson as error:
        return _form(request, text, [Fault(error.line, error.repeated, _not_json(error))])
    publishes = typed.get("step") == "publish"
    path = "/templates" if publishes else "/templates/check"
    try:
        answer = await viewer.post("workflow", path, document, sent_key(typed.get("sent", "")))
    except ServiceRefused as refusal:
        lines = json_text.lines_of(text)
        faults = [
            Fault(json_text.line_of(pointer, lines), pointer, detail)
            for pointer, detail in faults_of(refusal.errors)
        ]
        return _form(request, text, faults, refusal)
    if publishes:
        template_id, version = answer["template_id"], answer["version"]
        return RedirectResponse(f"/templates/{template_id}/versions/{version}", 303)
    return _words(request, document, answer["warnings"], text=text)


@router.get("/{template_id}/versions/{version}")
async def template(
    request: Request, viewer: SignedIn, template_id: TemplateId, version: VersionNumber
) -> Response:
    found = await viewer.get("workflow", f"/templates/{template_id}/versions/{version}")
    return _words(request, found["document"], found["warnings"], found["registered_at"])


@router.get("/{template_id}/versions/{version}/next")
async def next_form(
    request: Request, viewer: SignedIn, template_id: TemplateId, version: VersionNumber
) -> Response:
    """This version's document, with the number of the one after it."""
    viewer.admit("templates.publish")
    found = await viewer.get("workflow", f"/templates/{template_id}/versions/{version}")
    document = {**found["document"], "version": version + 1}
    return _form(request, json.dumps(document, indent=2, ensure_ascii=False))


def _not_json(error: json_text.NotJson) -> str:
    return "The name appears twice." if error.repeated else "The text is not JSON."


def _words(
    request: Request,
    document: Mapping[str, Any],
    warnings: list[dict[str, Any]],
    registered_at: str = "",
    text: str = "",
) -> Response:
    """`text`: it is a preview of what is not published yet."""
    return app_of(request).pages.render(
        request,
        "template",
        document=document,
        steps=list(STEPS),
        warnings=warnings,
        registered_at=registered_at,
        text=text,
        key=str(uuid4()),
    )


def _form(
    request: Request,
    text: str,
    faults: list[Fault] | None = None,
    refusal: ServiceRefused | None = None,
    too_large: bool = False,
) -> Response:
    return app_of(request).pages.render(
        request,
        "template_form",
        status=refusal.status if refusal else 422 if faults or too_large else 200,
        text=text,
        faults=faults or [],
        refusal=refusal,
        too_large=too_large,
        largest=LARGEST_TEMPLATE // 1024,
    )
