"""Choosing which of one's assignments is shown."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from portal_service.domain.origin import own_path
from portal_service.entrypoints import cookies
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.viewer import SignedIn

router = APIRouter(include_in_schema=False)


@router.post("/assignment")
async def choose(
    request: Request,
    viewer: SignedIn,
    assignment: Annotated[str, Form()] = "",
    back: Annotated[str, Form()] = "/start",
) -> Response:
    """Kept with the session. All are shown if it is not held, or not any more."""
    held = assignment if assignment in [one.key for one in viewer.held] else ""
    await app_of(request).signing_in.choose_assignment(cookies.key_of(request) or "", held)
    return RedirectResponse(own_path(back), 303)
