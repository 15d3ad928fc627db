"""A request that is under way for as long as one wants: its body comes in two halves."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

# Process > a path that reads a body before it refuses a caller without a token.
PATHS = {
    "assessment-api": "/v1/instruments",
    "content-api": "/v1/modules",
    "notification-api": "/v1/subscriptions",
    "people-api": "/token",
    "workflow-api": "/v1/rollouts",
}
_BODY = b'{"half": "of it"}'


@asynccontextmanager
async def half_sent(port: int, path: str) -> AsyncIterator[Callable[[], Awaitable[int]]]:
    """Gives what sends the rest and returns the answer's status, 0 if the connection was cut."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    writer.write(f"{head}content-length: {len(_BODY)}\r\n\r\n".encode() + _BODY[:8])
    await writer.drain()
    await asyncio.sleep(0.2)

    async def finish() -> int:
        try:
            writer.write(_BODY[8:])
            await writer.drain()
            line = await asyncio.wait_for(reader.readline(), 10)
        except OSError:
            return 0
        return int(line.split()[1]) if line else 0

    try:
        yield finish
    finally:
        writer.close()
