"""One address for the replicas of a process, as in front of every installation."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Balancer:
    """Each connection goes to the next of `targets` (ports of `host`) in turn, and on to another
    one if that does not listen. It knows nothing of requests.
    """

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self.port, self.targets, self._host = port, list[int](), host
        self._serving: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Balancer"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        try:
            yield self
        finally:
            server.close()
            for task in self._serving:
                task.cancel()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._serving.add(task)
        try:
            far = await self._reach()
            if far:
                with suppress(asyncio.CancelledError):
                    await asyncio.gather(_pass(reader, far[1]), _pass(far[0], writer))
        finally:
            writer.close()
            self._serving.discard(task)

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        for _ in range(len(self.targets)):
            port = self.targets.pop(0)
            self.targets.append(port)
            try:
                return await asyncio.open_connection(self._host, port)
            except OSError:
                continue
        return None


async def _pass(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65_536):
            target.write(data)
            await target.drain()
    except ConnectionError:
        pass
    finally:
        target.close()
