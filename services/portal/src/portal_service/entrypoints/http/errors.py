"""What people see when something did not work: never a problem document, and what helps on."""

import logging
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portal_service.application.ports import (
    ServiceAway,
    ServiceRefused,
    SignedOut,
    SignInFailed,
)
from portal_service.domain.origin import SAFE_METHODS
from portal_service.domain.texts import SERVICES
from portal_service.domain.upload import LARGEST, LARGEST_TEMPLATE
from portal_service.entrypoints import cookies
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.http import codes
from portal_service.entrypoints.pages import chosen_language
from portal_service.entrypoints.typed import fields_of
from portal_service.entrypoints.viewer import perhaps
from servicekit.problems import ProblemError

log = logging.getLogger(__name__)
_KINDS = {403: "forbidden", 404: "unknown", 405: "unknown", 413: "too-large"}
"""By status, what the page says; else that it was not done."""
_TO_COME = {"own-unit-unknown": "unit-to-come", "decision-not-taken": "decision-to-come"}
"""By code: what a link leads to before it is there."""


def install(api: FastAPI) -> None:
    """Show a page for each kind of failure."""

    @api.exception_handler(SignedOut)
    async def signed_out(request: Request, _: Exception) -> Response:
        """A page is shown after signing in; a form is handed back, to be sent then."""
        by_code = cookies.is_by_code(request)
        if request.method not in SAFE_METHODS:
            return await _handed_back(request, 401, "signed-out", by_code=by_code)
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        language = chosen_language(request)
        said = f"language={language}" if language else ""
        if by_code:
            return RedirectResponse(f"{codes.PATH}?{said}".rstrip("?"), 303)
        address = f"/sign-in?return_to={quote(wanted, safe='/')}&{said}"
        return RedirectResponse(address.rstrip("&"), 303)

    @api.exception_handler(SignInFailed)
    async def not_signed_in(request: Request, error: Exception) -> Response:
        log.warning("sign-in failed: %s", error)
        return _page(request, 403, "sign-in-failed")

    @api.exception_handler(ServiceAway)
    async def away(request: Request, error: Exception) -> Response:
        assert isinstance(error, ServiceAway)
        log.warning("service away: %s", error)
        return await _handed_back(request, 503, "away", service=error.service)

    @api.exception_handler(ProblemError)
    async def problem(request: Request, error: Exception) -> Response:
        log.warning("the platform's token is not accepted: %s", error)
        return await _handed_back(request, 503, "away", service="people")

    @api.exception_handler(ServiceRefused)
    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, ServiceRefused)
        kind = _TO_COME.get(error.code) or _KINDS.get(error.status, "refused")
        return _page(request, error.status, kind, code=error.code, roles=error.roles)

    @api.exception_handler(RequestValidationError)
    async def unreadable(request: Request, _: Exception) -> Response:
        await perhaps(request)
        in_form = request.method not in ("GET", "HEAD")
        return _page(request, 422 if in_form else 404, "refused" if in_form else "unknown")

    @api.exception_handler(HTTPException)
    async def other(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        await perhaps(request)  # No page was found, so nobody asked who looks.
        kind = _KINDS.get(error.status_code, "refused" if error.status_code < 500 else "away")
        return _page(request, error.status_code, kind)


class Unexpected:
    """Middleware: a page also for what nothing else handles.

    FastAPI's own handler of `Exception` is outside of all middleware: its answer would lack the
    headers of Protection.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = False

        async def noted(message: Message) -> None:
            nonlocal began
            began = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception:
            if began or scope["type"] != "http":
                raise
            log.exception("a page failed")
            await _page(Request(scope), 500, "failed")(scope, receive, send)


def from_elsewhere(request: Request) -> Response:
    """What another site's page sent."""
    return _page(request, 403, "elsewhere")


def too_many(request: Request, seconds: int) -> Response:
    """Somebody's address sends too much."""
    answer = _page(request, 429, "too-many", seconds=seconds)
    answer.headers["retry-after"] = str(seconds)
    return answer


async def _handed_back(request: Request, status: int, kind: str, **context: Any) -> Response:
    """With the form that was sent, to send it once more: a browser may keep nothing of it."""
    sent = [] if request.method in SAFE_METHODS else await fields_of(request)
    return _page(request, status, kind, sent=sent, **context)


def _page(request: Request, status: int, kind: str, **context: Any) -> Response:
    nothing = {"code": "", "roles": (), "service": "", "by_code": False, "sent": [], "seconds": 0}
    return app_of(request).pages.render(
        request,
        "error",
        status,
        kind=kind,
        services=SERVICES,
        largest=LARGEST // 1024 // 1024,
        largest_template=LARGEST_TEMPLATE // 1024,
        **{**nothing, **context},
    )
