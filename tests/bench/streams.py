"""Many event streams of open pages, held by this process, and when each gets an event."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from support.eventually import eventually

_AT_ONCE = 20
_QUIET_SECONDS = 1.5  # After an event, a stream of the portal waits for a second.


class Streams:
    """They have had their first event."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._arrived: list[float] = []

    async def times(self, publish: Callable[[], Awaitable[object]]) -> list[float]:
        """Seconds from the publishing of an event to its arrival in each stream, the first first.

        Raises AssertionError if a stream does not get it.
        """
        await asyncio.sleep(_QUIET_SECONDS)
        self._arrived.clear()
        started = time.perf_counter()
        await publish()
        await self.wait()
        return [at - started for at in self._arrived]

    async def wait(self) -> None:
        """Until each stream has an event. Raises AssertionError."""

        async def all_have_it() -> bool:
            assert len(self._arrived) >= self._count, f"{len(self._arrived)} of {self._count}"
            return True

        await eventually(all_have_it, within=30)

    async def follow(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            if line == b"event: changed\n":
                self._arrived.append(time.perf_counter())


@asynccontextmanager
async def opened(port: int, request: bytes, count: int) -> AsyncIterator[Streams]:
    """So many streams, each on a connection of its own, closed with the block."""
    streams, slots = Streams(count), asyncio.Semaphore(_AT_ONCE)
    following: list[asyncio.Task[None]] = []
    writers: list[asyncio.StreamWriter] = []

    async def one() -> None:
        async with slots:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writers.append(writer)
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head.decode()
        following.append(asyncio.create_task(streams.follow(reader)))

    try:
        await asyncio.gather(*(one() for _ in range(count)))
        await streams.wait()
        yield streams
    finally:
        for task in following:
            task.cancel()
        for writer in writers:
            writer.close()
