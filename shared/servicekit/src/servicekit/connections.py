"""How many connections a listener has, and how long it waits for the client of one.

uvicorn waits for ever for a request's headers, for its body, and for a client that does not read;
its parser takes headers of any length.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from ipaddress import ip_address
from math import inf
from typing import Any

from pydantic import IPvAnyNetwork
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from servicekit.client_place import place_of
from servicekit.metrics import REQUESTS_REFUSED
from servicekit.problems import HTTP_CODES, document
from servicekit.settings import Limits

MAX_HEAD_BYTES = 64 * 1024
"""Of a request's target and headers."""
_LOOK_SECONDS = 1
_AROUND_A_BYTE = 8  # of a body in chunks of one byte, in bytes


class Connections:
    """The rules for all connections of one listener, and how many each place has."""

    def __init__(self, limits: Limits, trusted_proxies: Sequence[IPvAnyNetwork]) -> None:
        self.limits, self._trusted = limits, trusted_proxies
        self.open_from: Counter[str] = Counter()

    def protocol(self, **given: Any) -> "Connection":
        """What uvicorn makes for a new connection."""
        return Connection(self, **given)

    def is_full(self, place: str) -> bool:
        """Whether there are too many, with a new one from this place."""
        most = self.limits.connections
        if self.open_from.total() > most:
            return True
        return self.open_from[place] > most // 2 and not self._is_trusted(place)

    def _is_trusted(self, place: str) -> bool:
        try:
            address = ip_address(place.partition("/")[0])
        except ValueError:
            return False
        return any(address in network for network in self._trusted)

    async def end_slow_ones(self, connections: Iterable[Any], stop: asyncio.Event) -> None:
        """Look every second until stopped. `connections`: those that uvicorn has."""
        while not stop.is_set():
            now = asyncio.get_running_loop().time()
            for one in [each for each in connections if each.is_over(now)]:
                REQUESTS_REFUSED.labels("slow").inc()
                one.transport.abort()
            await asyncio.sleep(_LOOK_SECONDS)


class Connection(HttpToolsProtocol):
    """A connection of uvicorn that knows until when it waits for its client."""

    def __init__(self, rules: Connections, **given: Any) -> None:
        super().__init__(**given)
        self._rules, self._limits = rules, rules.limits
        self._place, self._in_head = "", True
        self._arrived, self._is_too_long = 0, False  # bytes of this request
        self._in_body = 0  # bytes of its content
        self._ends_at, self._unread = inf, 0

    def is_over(self, now: float) -> bool:
        """Whether the client has had its time. A client that reads has it again each time."""
        if self._unread and (left := self.transport.get_write_buffer_size()) < self._unread:
            self._unread = left
            self._wait(self._limits.unread_seconds)
        return self._ends_at < now

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._place = place_of(self.client[0]) if self.client else ""
        self._rules.open_from[self._place] += 1
        self._wait(self._limits.head_seconds)
        if self._rules.is_full(self._place):
            REQUESTS_REFUSED.labels("connections").inc()
            self._refuse(503, "There are too many connections. Try again.", retry_after=5)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._rules.open_from[self._place] -= 1
        if not self._rules.open_from[self._place]:
            del self._rules.open_from[self._place]

    def data_received(self, data: bytes) -> None:
        self._arrived += len(data)
        super().data_received(data)
        if self._in_head and self._arrived > MAX_HEAD_BYTES and not self.transport.is_closing():
            self._is_too_long = True
            self.send_400_response("")
        around = self._arrived - self._in_body  # head, sizes of chunks, trailers
        if not self._in_head and around > 2 * MAX_HEAD_BYTES + _AROUND_A_BYTE * self._in_body:
            REQUESTS_REFUSED.labels("trailers").inc()
            self.transport.abort()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:  # What follows a body is no header (RFC 9110, section 6.5.1).
            super().on_header(name, value)

    def on_body(self, body: bytes) -> None:
        self._in_body += len(body)
        super().on_body(body)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._wait(self._limits.head_seconds)

    def on_headers_complete(self) -> None:
        """Raises ValueError for too many bytes; then uvicorn calls `send_400_response`."""
        self._in_head = False
        if self._arrived > MAX_HEAD_BYTES:  # With a part of the body, perhaps.
            size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
            self._is_too_long = size > MAX_HEAD_BYTES
        if self._is_too_long:
            raise ValueError("the headers are too long")
        super().on_headers_complete()
        self._wait(self._limits.body_seconds)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._in_head, self._arrived, self._in_body = True, 0, 0
        # Of a request that was answered before it was whole, uvicorn has no time to keep alive.
        self._wait(self._limits.head_seconds if self.cycle.response_complete else inf)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self._unread:  # The next request may have begun already.
            self._wait(self._limits.head_seconds if self.cycle.response_complete else inf)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread = self.transport.get_write_buffer_size()
        self._wait(self._limits.unread_seconds)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._unread = 0
        self._wait(self._limits.head_seconds if self.cycle.response_complete else inf)

    def send_400_response(self, msg: str) -> None:
        """A problem document, where uvicorn sends a text."""
        if self._is_too_long:
            self._refuse(431, f"A request's headers may have {MAX_HEAD_BYTES} bytes at most.")
        else:
            self._refuse(400, "This is not a request of HTTP/1.1.")

    def _wait(self, seconds: float) -> None:
        self._ends_at = self.loop.time() + seconds

    def _refuse(self, status: int, detail: str, retry_after: int = 0) -> None:
        body = document(status, HTTP_CODES[status], detail).model_dump_json(exclude_none=True)
        lines = [
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
            "content-type: application/problem+json",
            f"content-length: {len(body)}",
            "cache-control: no-store",
            "connection: close",
            *([f"retry-after: {retry_after}"] if retry_after else []),
        ]
        self.transport.write("\r\n".join([*lines, "", body]).encode())
        self.transport.close()
