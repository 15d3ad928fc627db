"""Counts the SQL statements that any client sends, and the rows that it reads: a proxy that reads
PostgreSQL's wire protocol.

Whatever library or pool sends them, a statement is an Execute or a simple Query message, and a row
is a DataRow message (protocol 3.0, "Message Formats"). BEGIN, COMMIT and a pool's pings count,
because they cost a round trip.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

_SSL_REQUEST = 80_877_103


class SqlCounter:
    """`executed`: how often each SQL text was sent; `rows`: how many rows were read in all. `dsn`
    leads through the counter."""

    def __init__(self, dsn: str) -> None:
        place = urlsplit(dsn)
        self._server = (place.hostname, place.port)
        self._dsn = dsn
        self.executed: Counter[str] = Counter()
        self.rows = 0
        self.port = 0

    @property
    def dsn(self) -> str:
        host = f"{self._server[0]}:{self._server[1]}"
        return self._dsn.replace(host, f"127.0.0.1:{self.port}")

    def since(self, before: Counter[str]) -> Counter[str]:
        """What was executed after `before`, a copy of `executed`."""
        return self.executed - before

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client's connection."""
        server_reader, server_writer = await asyncio.open_connection(*self._server)
        answers = asyncio.create_task(self._answer(server_reader, writer))
        try:
            await self._forward(reader, server_writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # The client has gone; so does the server's side.
        finally:
            answers.cancel()
            server_writer.close()
            writer.close()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass the client's messages on, reading them on the way."""
        code = _SSL_REQUEST
        while code == _SSL_REQUEST:  # The messages before authentication have no type.
            length = await reader.readexactly(4)
            body = await reader.readexactly(int.from_bytes(length) - 4)
            code = int.from_bytes(body[:4])
            writer.write(length + body)
        statements: dict[bytes, str] = {}
        bound: dict[bytes, str] = {}
        while True:
            head = await reader.readexactly(5)
            body = await reader.readexactly(int.from_bytes(head[1:]) - 4)
            self._read(head[:1], body, statements, bound)
            writer.write(head + body)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass the server's messages on, counting rows, and that it has closed."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            kind = await reader.readexactly(1)
            if kind in b"NS":  # The answer to a request for TLS: one byte and no more.
                writer.write(kind)
                kind = await reader.readexactly(1)
            while True:
                length = await reader.readexactly(4)
                body = await reader.readexactly(int.from_bytes(length) - 4)
                self.rows += kind == b"D"
                writer.write(kind + length + body)
                kind = await reader.readexactly(1)
        writer.close()

    def _read(
        self, kind: bytes, body: bytes, statements: dict[bytes, str], bound: dict[bytes, str]
    ) -> None:
        if kind == b"P":  # Parse: statement's name, its text
            name, text = body.split(b"\0", 2)[:2]
            statements[name] = " ".join(text.decode().split())
        elif kind == b"B":  # Bind: portal's name, statement's name
            portal, name = body.split(b"\0", 2)[:2]
            bound[portal] = statements[name]
        elif kind == b"E":  # Execute: portal's name
            self.executed[bound[body.split(b"\0", 1)[0]]] += 1
        elif kind == b"Q":  # simple Query: its text
            self.executed[" ".join(body.rstrip(b"\0").decode().split())] += 1


@asynccontextmanager
async def counted(dsn: str) -> AsyncIterator[SqlCounter]:
    """A counter in front of the database of `dsn`, for the length of a with-block."""
    counter = SqlCounter(dsn)
    server = await asyncio.start_server(counter.serve, "127.0.0.1", 0)
    counter.port = server.sockets[0].getsockname()[1]
    try:
        yield counter
    finally:
        server.close()
