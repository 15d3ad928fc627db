"""Responses whose length says nothing: whoever sees encrypted traffic learns only its sizes."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LENGTH = 8 * 1024
_NAME = b"content-length"
_SEPARATORS = len(": \r\n")
_DIGITS = 8  # of a content length, at most


class EvenLength:
    """Middleware, outside of all others: responses to requests that `is_even` names have the next
    multiple of `length` bytes, status line and headers included (but what the server adds to every
    response), and are not compressed.

    Spaces follow the body; JSON (RFC 8259, section 2) and HTML allow them. `unexpected` answers
    what nothing inside has answered.
    """

    def __init__(
        self,
        app: ASGIApp,
        is_even: Callable[[Scope], bool],
        length: int = LENGTH,
        unexpected: Callable[[Request, Exception], Awaitable[Response]] | None = None,
    ) -> None:
        self._app, self._is_even, self._length = app, is_even, length
        self._unexpected = unexpected

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._is_even(scope):
            await self._app(scope, receive, send)
            return
        start: Message = {}
        is_sent = False
        body = bytearray()

        async def padded(message: Message) -> None:
            nonlocal start, is_sent
            if message["type"] == "http.response.start":
                start = message
                return
            body.extend(message.get("body", b""))
            if message.get("more_body"):
                return
            is_sent = True
            start["headers"] = self._fill(start, body)
            await send(start)
            await send({"type": "http.response.body", "body": bytes(body)})

        headers = [one for one in scope["headers"] if one[0] != b"accept-encoding"]
        inner = {**scope, "headers": headers}
        try:
            await self._app(inner, receive, padded)
        except Exception as error:
            if self._unexpected is None or is_sent:
                raise
            body.clear()
            response = await self._unexpected(Request(inner), error)
            await response(inner, receive, padded)

    def _fill(self, start: Message, body: bytearray) -> list[tuple[bytes, bytes]]:
        """Pad the body; return the headers with its length."""
        given = [one for one in start["headers"] if one[0].lower() != _NAME]
        line = f"HTTP/1.1 {start['status']} {HTTPStatus(start['status']).phrase}\r\n"
        headers = sum(len(name) + len(value) + _SEPARATORS for name, value in given)
        around = len(line) + headers + len(_NAME) + _SEPARATORS + len("\r\n")
        lengths = -(-(around + len(body) + _DIGITS) // self._length)
        whole = lengths * self._length
        body.extend(b" " * (whole - around - len(str(whole)) - len(body)))
        return [*given, (_NAME, str(len(body)).encode())]
