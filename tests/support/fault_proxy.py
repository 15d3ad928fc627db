"""A TCP proxy that can swallow every packet, as a network does between half-open connections."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class FaultProxy:
    """Passes bytes on both ways; with `swallowing` they vanish, and no connection is closed."""

    def __init__(self, host: str, port: int) -> None:
        self._target = host, port
        self._writers: list[asyncio.StreamWriter] = []
        self._passing: set[asyncio.Task[None]] = set()
        self.swallowing = False
        self.port = 0

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["FaultProxy"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in self._passing:
                task.cancel()
            for writer in self._writers:
                writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self._target)
        self._writers += [writer, far_writer]
        for source, target in ((reader, far_writer), (far_reader, writer)):
            task = asyncio.create_task(self._pass(source, target))
            self._passing.add(task)
            task.add_done_callback(self._passing.discard)

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65_536):
                if not self.swallowing:
                    target.write(data)
                    await target.drain()
            if not self.swallowing:
                target.close()
        except ConnectionError:
            target.close()
