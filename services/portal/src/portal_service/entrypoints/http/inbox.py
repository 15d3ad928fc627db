"""Asking a question, and the inbox where administrators answer or close it."""

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from portal_service.application.ports import ServiceRefused
from portal_service.domain.forms import sent_key
from portal_service.domain.language import written
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.pages import language_of
from portal_service.entrypoints.viewer import SignedIn, Viewer

router = APIRouter(include_in_schema=False)
_ROWS = "50"


@router.get("/ask")
async def ask_form(request: Request, viewer: SignedIn) -> Response:
    return await _ask_form(request, viewer, "", None)


@router.post("/ask")
async def ask(
    request: Request,
    viewer: SignedIn,
    text: Annotated[str, Form()] = "",
    sent: Annotated[str, Form()] = "",
) -> Response:
    """If it is refused, the form comes back with what was typed and the reason."""
    body = {"text": text, "language": written(language_of(request))}
    try:
        await viewer.post("content", "/questions", body, sent_key(sent))
    except ServiceRefused as refusal:
        return await _ask_form(request, viewer, text, refusal)
    return RedirectResponse("/ask#own", 303)


@router.get("/inbox")
async def inbox(request: Request, viewer: SignedIn) -> Response:
    return await _inbox(request, viewer, None)


@router.post("/inbox/{question_id}/draft")
async def draft_answer(
    request: Request,
    viewer: SignedIn,
    question_id: UUID,
    article_id: Annotated[str, Form()] = "",
    sent: Annotated[str, Form()] = "",
) -> Response:
    """Leads to the form in which the answer is written."""
    body = {"article_id": article_id.strip()}
    try:
        await viewer.post("content", f"/questions/{question_id}/draft", body, sent_key(sent))
    except ServiceRefused as refusal:
        return await _inbox(request, viewer, refusal)
    return RedirectResponse(f"/articles/{body['article_id']}", 303)


@router.post("/inbox/{question_id}/close")
async def close(
    request: Request,
    viewer: SignedIn,
    question_id: UUID,
    reason: Annotated[str, Form()] = "",
    sent: Annotated[str, Form()] = "",
) -> Response:
    try:
        path = f"/questions/{question_id}/close"
        await viewer.post("content", path, {"reason": reason}, sent_key(sent))
    except ServiceRefused as refusal:
        return await _inbox(request, viewer, refusal)
    return RedirectResponse("/inbox", 303)


async def _ask_form(
    request: Request, viewer: Viewer, typed: str, refusal: ServiceRefused | None
) -> Response:
    own = await viewer.get("content", "/questions/own", limit=_ROWS)
    return app_of(request).pages.render(
        request,
        "ask",
        status=refusal.status if refusal else 200,
        own=own["items"],
        typed=typed,
        refusal=refusal,
        key=str(uuid4()),
    )


async def _inbox(request: Request, viewer: Viewer, refusal: ServiceRefused | None) -> Response:
    found = await viewer.get("content", "/questions", status="waiting", limit=_ROWS)
    return app_of(request).pages.render(
        request,
        "inbox",
        status=refusal.status if refusal else 200,
        found=found,
        refusal=refusal,
        keys={one["question_id"]: str(uuid4()) for one in found["items"]},
    )
