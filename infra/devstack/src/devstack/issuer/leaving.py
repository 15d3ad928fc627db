"""Signing out: asked for by the portal, or decided here, which the portal learns."""

import logging
from collections.abc import Callable, Iterable
from typing import Annotated

import httpx
from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from devstack.issuer.errors import OAuthError
from devstack.issuer.pages import sessions_page, signed_out_page
from devstack.issuer.registration import PUBLIC_CLIENT, with_query
from devstack.issuer.sessions import Session
from devstack.issuer.signing import Issuer
from devstack.issuer.texts import language_of

PATIENCE = 5.0  # seconds for the portal's answer
log = logging.getLogger(__name__)


async def end(issuer: Issuer, sids: Iterable[str]) -> tuple[int, int]:
    """How many sessions ended by this, and how many of them the portal has confirmed."""
    ended = [session for sid in sids if (session := issuer.sessions.end(sid))]
    return len(ended), sum([await notify(issuer, session) for session in ended])


async def notify(issuer: Issuer, session: Session) -> bool:
    """Whether the portal knows that a session ended (Back-Channel Logout 1.0, section 2.5)."""
    address = issuer.portal.backchannel_logout_uri
    if address is None:
        return False
    form = {"logout_token": issuer.logout_token(session)}
    try:
        async with httpx.AsyncClient(timeout=PATIENCE, trust_env=False) as client:
            answer = await client.post(address, data=form)
    except httpx.HTTPError as error:
        log.warning("%s did not confirm that a session ended: %r", address, error)
        return False
    if answer.status_code not in (200, 204):
        log.warning("%s answered %s to a logout token", address, answer.status_code)
    return answer.status_code in (200, 204)


def add_sign_out(app: FastAPI, issuer: Issuer) -> None:
    """OpenID Connect RP-Initiated Logout 1.0."""

    async def sign_out(values: dict[str, str], language: str) -> Response:
        if values.get("client_id", PUBLIC_CLIENT) != PUBLIC_CLIENT:
            raise OAuthError("invalid_request", f"client_id must be {PUBLIC_CLIENT}")
        sid = issuer.session_of(values.get("id_token_hint", ""))
        back = values.get("post_logout_redirect_uri")
        if back and not issuer.portal.may_follow_sign_out(back):
            why = "post_logout_redirect_uri must be on this machine or the portal's"
            raise OAuthError("invalid_request", why)
        await end(issuer, [sid])
        if back:
            return RedirectResponse(with_query(back, state=values.get("state")), status_code=303)
        return HTMLResponse(signed_out_page(language))

    @app.get("/sign-out")
    async def by_link(request: Request) -> Response:
        return await sign_out(dict(request.query_params), language_of(request))

    @app.post("/sign-out")
    async def by_form(request: Request) -> Response:
        form = {k: v for k, v in (await request.form()).items() if isinstance(v, str)}
        return await sign_out(form, language_of(request))


def add_sessions(app: FastAPI, issuer: Issuer, check_own_page: Callable[[Request], None]) -> None:
    """A page that lists who is signed in, and ends one session or all of somebody."""

    @app.get("/sessions", response_class=HTMLResponse)
    async def listed(request: Request) -> str:
        return sessions_page(issuer.sessions.live(), issuer.directory, language_of(request))

    @app.post("/sessions", response_class=HTMLResponse)
    async def ended(
        request: Request,
        sid: Annotated[str, Form()] = "",
        persona: Annotated[str, Form()] = "",
    ) -> str:
        check_own_page(request)
        known = issuer.sessions.live()
        chosen = [one.sid for one in known if sid == one.sid or persona == one.persona]
        outcome = await end(issuer, chosen)
        language = language_of(request)
        return sessions_page(issuer.sessions.live(), issuer.directory, language, outcome)
