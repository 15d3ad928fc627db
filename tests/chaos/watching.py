"""What one can see of a stack from outside while a fault lasts."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from time import monotonic

import asyncpg
import httpx

from chaos.final_read import SERVICES
from devstack import Stack
from support.eventually import eventually

_LOOK_SECONDS = 0.5


@asynccontextmanager
async def readiness(stack: Stack, names: Collection[str]) -> AsyncIterator[Counter[str]]:
    """How often each answer came from `/health/ready` of these processes: "content-api 200"."""
    seen = Counter[str]()

    async def look(client: httpx.AsyncClient, name: str) -> None:
        url = stack.state.processes[name].url
        while True:
            answer = "nothing"
            with suppress(httpx.HTTPError):
                answer = str((await client.get(f"{url}/health/ready")).status_code)
            seen[f"{name} {answer}"] += 1
            await asyncio.sleep(_LOOK_SECONDS)

    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
        looking = [asyncio.create_task(look(client, name)) for name in names]
        try:
            yield seen
        finally:
            for task in looking:
                task.cancel()
            await asyncio.gather(*looking, return_exceptions=True)


async def published(stack: Stack, within: float) -> float:
    """Seconds until all events are published that are recorded now.

    Raises AssertionError if that takes longer than `within` seconds.
    """
    begun = monotonic()
    await asyncio.gather(*(_published(stack, service, within) for service in SERVICES))
    return round(monotonic() - begun, 1)


async def _published(stack: Stack, service: str, within: float) -> None:
    connection = await asyncpg.connect(stack.env[f"{service.upper()}_OWNER_DATABASE_URL"])
    try:
        last = await connection.fetchval("select coalesce(max(id), 0) from outbox_pending")

        async def none_left() -> bool:
            question = "select count(*) from outbox_pending where id <= $1"
            left = await connection.fetchval(question, last)
            assert left == 0, f"{service}: {left} events wait"
            return True

        await eventually(none_left, within=within, pause=0.3)
    finally:
        await connection.close()
