"""The accessibility statement, and the form to report what does not work."""

from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from portal_service.application.ports import ServiceRefused
from portal_service.domain.accessibility import (
    LONGEST_REPORT,
    REPORT,
    REVIEWED_ON,
    SHORTCOMINGS,
    SUPERVISOR,
)
from portal_service.domain.forms import sent_key
from portal_service.domain.language import written
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.pages import language_of
from portal_service.entrypoints.viewer import Perhaps, SignedIn

router = APIRouter(include_in_schema=False)
PATH = "/about/accessibility"


@router.get(PATH)
async def statement(request: Request, viewer: Perhaps) -> Response:
    return _statement(request)


@router.post(PATH)
async def report(
    request: Request,
    viewer: SignedIn,
    text: Annotated[str, Form()] = "",
    sent: Annotated[str, Form()] = "",
) -> Response:
    """It goes to the inbox for questions. If it is refused, what was typed stays."""
    about = app_of(request).pages.text(request, REPORT)
    typed = text.strip()
    question = f"{about}: {typed}" if typed else ""
    body = {"text": question, "language": written(language_of(request))}
    try:
        await viewer.post("content", "/questions", body, sent_key(sent))
    except ServiceRefused as refusal:
        return _statement(request, text, refusal)
    return RedirectResponse("/ask#own", 303)


def _statement(
    request: Request, typed: str = "", refusal: ServiceRefused | None = None
) -> Response:
    return app_of(request).pages.render(
        request,
        "accessibility",
        status=refusal.status if refusal else 200,
        shortcomings=SHORTCOMINGS,
        reviewed_on=str(REVIEWED_ON),
        supervisor=SUPERVISOR,
        longest=LONGEST_REPORT,
        contact=app_of(request).accessibility_contact,
        typed=typed,
        refusal=refusal,
        key=str(uuid4()),
    )
