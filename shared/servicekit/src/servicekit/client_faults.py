"""What aiokafka does wrong while a broker is away, put right for every client of this process.

`servicekit.kafka` does it, which everybody needs who connects.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any
from weakref import WeakKeyDictionary

from aiokafka.client import AIOKafkaClient
from aiokafka.cluster import ClusterMetadata
from aiokafka.consumer.fetcher import Fetcher

_APART_SECONDS = 0.5
_NO_LEADER = -1
_in_vain: WeakKeyDictionary[AIOKafkaClient, float] = WeakKeyDictionary()
"""When a client last asked for metadata and learned nothing that it can go on with."""


def put_right() -> None:
    """Call it once."""
    AIOKafkaClient._metadata_update = _at_intervals(AIOKafkaClient._metadata_update)
    Fetcher.close = _whatever_happens(Fetcher.close)


def _at_intervals(update: Callable[..., Awaitable[bool]]) -> Callable[..., Awaitable[bool]]:
    """Wait before asking again in vain.

    While a partition has no leader, a client asks for metadata as often as it can: an outage costs
    a core and a gigabyte of logs an hour (https://github.com/aio-libs/aiokafka/issues/1155).
    """

    @wraps(update)
    async def metadata_update(
        client: AIOKafkaClient, metadata: ClusterMetadata, topics: Any
    ) -> bool:
        now = asyncio.get_running_loop().time
        if client in _in_vain:
            await asyncio.sleep(_in_vain.pop(client) + _APART_SECONDS - now())
        answered = await update(client, metadata, topics)
        if not answered or _lacks_a_leader(metadata):
            _in_vain[client] = now()
        return answered

    return metadata_update


def _lacks_a_leader(metadata: ClusterMetadata) -> bool:
    return any(
        partition.leader == _NO_LEADER
        for partitions in metadata._partitions.values()
        for partition in partitions.values()
    )


def _whatever_happens(
    close: Callable[[Fetcher], Awaitable[None]],
) -> Callable[..., Awaitable[None]]:
    """End the tasks first that wait to fetch again: otherwise the cancellation of one of them
    would come out of the consumer's `stop`, and its connections would stay."""

    @wraps(close)
    async def close_all(fetcher: Fetcher) -> None:
        tasks = [fetcher._fetch_task, *fetcher._pending_tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        fetcher._pending_tasks.clear()
        await close(fetcher)

    return close_all
