"""Another system's webhook endpoint, for tests: with plain sockets, so that it can misbehave."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from standardwebhooks import Webhook


@dataclass(frozen=True)
class Request:
    """A received request. A subscriber only has to call `verify`."""

    path: str
    headers: dict[str, str]
    body: str

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verify(self, secret: str) -> Any:
        return Webhook(secret).verify(self.body, self.headers)


Behaviour = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


def answering(status: int, *headers: str) -> Behaviour:
    """Answer every request in the same way."""

    async def answer(_: Request, writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {status} X", "content-length: 2", *headers, "", "ok"]
        writer.write("\r\n".join(lines).encode())
        await writer.drain()

    return answer


async def hang(_: Request, writer: asyncio.StreamWriter) -> None:
    """Send nothing for longer than any sender waits."""
    await asyncio.sleep(3600)


async def slow_loris(_: Request, writer: asyncio.StreamWriter) -> None:
    """Send a response byte by byte, without an end."""
    for byte in b"HTTP/1.1 200 OK\r\n" + b"x-pad: 1\r\n" * 10_000:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.05)


async def endless_body(_: Request, writer: asyncio.StreamWriter) -> None:
    """Accept, with a response body without an end."""
    writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    while True:
        writer.write(chunk)
        await writer.drain()


async def reset(_: Request, writer: asyncio.StreamWriter) -> None:
    """Close the connection without a response."""
    writer.transport.abort()


async def nonsense(_: Request, writer: asyncio.StreamWriter) -> None:
    """Answer in another protocol."""
    writer.write(b"220 mail.example.se ESMTP\r\n\r\n")
    await writer.drain()


class Receiver:
    """An endpoint on a port of its own; keeps every request, counts connections."""

    def __init__(
        self, behaviour: Behaviour | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        self._tls = tls
        self.behaviour = behaviour or answering(200)
        self.requests: list[Request] = []
        self.connections = 0
        self.at_once = 0
        self.most_at_once = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Receiver":
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._tls)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/events"

    def ids(self) -> list[str]:
        return [request.id for request in self.requests]

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                pairs = (line.split(": ", 1) for line in head[1:] if line)
                headers = {name.lower(): value for name, value in pairs}
                body = await reader.readexactly(int(headers["content-length"]))
                request = Request(head[0].split(" ")[1], headers, body.decode())
                self.requests.append(request)
                self.at_once += 1
                self.most_at_once = max(self.most_at_once, self.at_once)
                try:
                    await self.behaviour(request, writer)
                finally:
                    self.at_once -= 1
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
