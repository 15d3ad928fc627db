"""Compressed answers, except those whose length could give away what they hold."""

from starlette.datastructures import MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portal_service.domain.origin import same_origin
from portal_service.entrypoints import cookies

_LEVEL = 6


class Compression:
    """Compresses what anybody gets, and what somebody with a session asked for themselves.

    A stranger who sees the lengths of encrypted answers could make a person's browser ask again and
    again, each time with another guess in the address: a page that repeats the guess is shortest
    when the rest of it has the same text (BREACH). Such a request comes from another site's page,
    as the browser says, and is answered without compression.
    """

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self._app, self._own = app, public_url.rstrip("/")
        self._compressing = GZipMiddleware(app, compresslevel=_LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._is_harmless(Request(scope)):
            await self._app(scope, receive, send)
            return

        async def labelled(message: Message) -> None:
            if message["type"] == "http.response.start":
                _label(message)
            await send(message)

        await self._compressing(scope, receive, labelled)

    def _is_harmless(self, request: Request) -> bool:
        if cookies.key_of(request) is None:
            return True
        said = request.headers
        return same_origin(said.get("sec-fetch-site"), said.get("origin"), self._own)


def _label(start: Message) -> None:
    """Both forms of an answer have the same entity tag, so it is a weak one (RFC 9110, 8.8.1)."""
    headers = MutableHeaders(scope=start)
    if "etag" in headers:
        headers["etag"] = "W/" + headers["etag"].removeprefix("W/")
    if start["status"] == 304:
        headers.add_vary_header("Accept-Encoding")
