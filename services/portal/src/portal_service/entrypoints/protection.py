"""What every request must and every answer has: same origin, content security, no caching."""

from collections.abc import Callable, Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portal_service.domain.origin import SAFE_METHODS, same_origin
from portal_service.entrypoints.pages import ASSETS

BACK_CHANNEL = "/sign-out/provider"
_LONG = "public, max-age=31536000, immutable"
_PRIVATE = "private, no-store"
_FIXED = frozenset(ASSETS.values())


class Protection:
    """Refuses what another site's page sends, and says to the browser what a page may do."""

    def __init__(
        self,
        app: ASGIApp,
        public_url: str,
        form_targets: Sequence[str],
        refusal: Callable[[Request], Response],
    ) -> None:
        """`form_targets`: origins that a form may lead to, as signing out does."""
        self._app, self._own, self._refusal = app, public_url.rstrip("/"), refusal
        forms = " ".join(("'self'", *form_targets))
        self._headers = {
            "content-security-policy": (
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
                f"font-src 'self'; connect-src 'self'; form-action {forms}; base-uri 'none'; "
                "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
            ),
            "referrer-policy": "same-origin",
            "x-content-type-options": "nosniff",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
            "permissions-policy": "camera=(), geolocation=(), microphone=()",
        }
        if self._own.startswith("https://"):
            self._headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        path: str = scope["path"]
        address = f"{path}?{scope['query_string'].decode('latin-1')}"

        async def protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    answer.setdefault(name, value)
                if "cache-control" not in answer:
                    fixed = message["status"] in (200, 304) and address in _FIXED
                    answer["cache-control"] = _LONG if fixed else _PRIVATE
            await send(message)

        unsafe = scope["method"] not in SAFE_METHODS and path != BACK_CHANNEL
        if unsafe and not same_origin(
            headers.get("sec-fetch-site"), headers.get("origin"), self._own
        ):
            await self._refusal(Request(scope))(scope, receive, protected)
            return
        await self._app(scope, receive, protected)
