"""What aiokafka does wrong while a broker is away, put right for every client of this process.

`servicekit.kafka` does it, which everybody needs who connects.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any
from weakref import WeakKeyDictionary

from aiokafka.client import AIOKafkaClient
from aiokafka.consumer.fetcher import Fetcher

_AT_MOST, _WITHIN_SECONDS = 5, 1.0
_SWALLOWED_SECONDS = 0.1


def put_right() -> None:
    """Call it once."""
    AIOKafkaClient._metadata_update = _at_intervals(AIOKafkaClient._metadata_update)
    Fetcher.close = _close


def _at_intervals(update: Callable[..., Awaitable[bool]]) -> Callable[..., Awaitable[bool]]:
    """Ask for metadata five times a second at most.

    While a partition has no leader, or its topic is missing, a client asks again at once: an outage
    costs a core, and a gigabyte of logs an hour. Fetches from a broker that does not lead are as
    fast until the metadata have come (https://github.com/aio-libs/aiokafka/issues/1155).
    """
    asked: WeakKeyDictionary[AIOKafkaClient, deque[float]] = WeakKeyDictionary()

    @wraps(update)
    async def metadata_update(client: AIOKafkaClient, *arguments: Any) -> bool:
        now = asyncio.get_running_loop().time
        last = asked.setdefault(client, deque(maxlen=_AT_MOST))
        if len(last) == _AT_MOST:
            await asyncio.sleep(last[0] + _WITHIN_SECONDS - now())
        last.append(now())
        return await update(client, *arguments)

    return metadata_update


async def _close(fetcher: Fetcher) -> None:
    """End all its tasks, in place of aiokafka's own.

    There the cancellation of one that waits to fetch again comes out of the consumer's `stop`, and
    its connections stay.
    """
    fetcher._closed = True
    tasks = {fetcher._fetch_task, *fetcher._pending_tasks}
    going_on = tasks
    while going_on:  # one that awaits another may take a cancellation for that one's
        for task in going_on:
            task.cancel()
        _, going_on = await asyncio.wait(going_on, timeout=_SWALLOWED_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)
    for waiter in fetcher._fetch_waiters:
        fetcher._notify(waiter)
