"""Signing in and out."""

import logging
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from portal_service.application.ports import ServiceAway, SignInFailed
from portal_service.domain.language import LANGUAGES, in_language
from portal_service.domain.origin import own_path
from portal_service.entrypoints import cookies
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.pages import chosen_language
from portal_service.entrypoints.protection import BACK_CHANNEL
from portal_service.entrypoints.viewer import Perhaps

log = logging.getLogger(__name__)

router = APIRouter(include_in_schema=False)


@router.get("/sign-in")
async def begin(request: Request, viewer: Perhaps, return_to: str = "/start") -> Response:
    """Who is signed in already stays so: a link from elsewhere ends no session."""
    if viewer and not viewer.by_code:
        return RedirectResponse(own_path(return_to), 303)
    address, key = await app_of(request).signing_in.begin(
        return_to, cookies.key_of(request) or "", chosen_language(request)
    )
    answer = RedirectResponse(address, 303)
    cookies.keep(answer, key)
    return answer


@router.get("/sign-in/answer")
async def complete(
    request: Request,
    state: str = "",
    code: str = "",
    iss: str | None = None,
    error: str = "",
) -> Response:
    """Where the identity provider sends the browser back to."""
    if error:
        raise SignInFailed("The identity provider did not let you in.")
    key = cookies.key_of(request) or ""
    path, new_key = await app_of(request).signing_in.complete(key, state, code, iss)
    answer = RedirectResponse(path, 303)
    cookies.keep(answer, new_key)
    return answer


@router.post("/sign-out")
async def end(request: Request) -> Response:
    key = cookies.key_of(request) or ""
    address = None
    try:
        address = await app_of(request).signing_in.end(key)
    except (SignInFailed, ServiceAway) as error:
        log.warning("signed out here only: %s", error)
    answer = RedirectResponse(address or "/", 303)
    cookies.forget(answer)
    return answer


@router.post(BACK_CHANNEL)
async def ended_elsewhere(request: Request, logout_token: Annotated[str, Form()] = "") -> Response:
    """OpenID Connect Back-Channel Logout 1.0: the provider ends a session."""
    try:
        await app_of(request).signing_in.ended_elsewhere(logout_token)
    except SignInFailed as error:
        log.warning("back-channel logout refused: %s", error)
        return Response(status_code=400)
    return Response(status_code=200)


@router.post("/language")
async def choose_language(
    request: Request, language: Annotated[str, Form()], back: Annotated[str, Form()] = "/"
) -> Response:
    """Kept with the session; without one it is a part of the address."""
    path = own_path(back)
    key = cookies.key_of(request) or ""
    if language in LANGUAGES and not await app_of(request).signing_in.choose_language(
        key, language
    ):
        path = in_language(path, language)
    return RedirectResponse(path, 303)
