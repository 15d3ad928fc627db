"""Answering without an account, by a one-time code from a letter, on whatever device."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from portal_service.application.ports import ServiceAway, SignInFailed
from portal_service.entrypoints import cookies
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.pages import chosen_language
from portal_service.entrypoints.viewer import Perhaps, address_of

router = APIRouter(include_in_schema=False)
PATH = "/svara"
"""As it is printed beside each code."""


@router.get(PATH)
async def ask(request: Request, viewer: Perhaps) -> Response:
    ended = viewer is None and cookies.is_by_code(request)
    return app_of(request).pages.render(request, "code", refused=False, ended=ended)


@router.post(PATH)
async def redeem(request: Request, code: Annotated[str, Form(max_length=100)] = "") -> Response:
    app, code = app_of(request), "".join(code.split())
    try:
        platform = await app.signing_in.redeem(code, address_of(request))
    except SignInFailed:
        return app.pages.render(request, "code", 422, refused=True, ended=False)
    principal = await app.authenticator.authenticate(platform.token)
    rounds = {one.round for one in principal.assignments} - {None}
    if len(rounds) != 1:
        raise ServiceAway("people", f"a code's token is for {len(rounds)} rounds")
    (round_id,) = rounds
    key = await app.signing_in.open(
        platform, code, cookies.key_of(request) or "", chosen_language(request)
    )
    answer = RedirectResponse(f"/rounds/{round_id}", 303)
    cookies.keep(answer, key, by_code=True)
    return answer
