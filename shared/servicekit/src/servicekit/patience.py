"""A consumer that cannot read or commit for long ends its process: FastStream alone would try again
without end after any error of Kafka's, and log nothing."""

import asyncio
import logging
import math
from collections.abc import Callable
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from servicekit.kafka import end

log = logging.getLogger(__name__)

# FastStream waits 5 or 15 s after an error, and may read without records in between.
_ERRORS_APART_SECONDS = 20
_WAIT_MS = 1_000


class CannotCommit(Exception):
    """A consumer group could not commit its offsets for too long, as when its topic is gone."""


class CannotRead(Exception):
    """A consumer group could not read its topics for too long."""


class EagerConsumer(AIOKafkaConsumer):  # type: ignore[misc]  # the client has no types
    """Starts although a topic is missing: the others are read, and it too once it is there.

    Waits for records instead of looking for them many times a second. Leaves its group before it
    stops, and does not wait until its connections are closed: over TLS that takes so long that
    the process would be over before its next consumer has left.
    """

    async def stop(self) -> None:
        close = self._client.close
        self._client.close = lambda: end(close())
        await super().stop()

    async def getmany(self, *partitions: Any, timeout_ms: int = 0, **how: Any) -> Any:
        return await super().getmany(*partitions, timeout_ms=max(timeout_ms, _WAIT_MS), **how)

    async def _wait_topics(self) -> None:
        await self._client.force_metadata_update()


def limit_patience(
    consumer: AIOKafkaConsumer,
    group: str,
    seconds: float,
    fail: Callable[[BaseException], None],
) -> None:
    """Log each error of `consumer.getmany`; once they go on for `seconds`, raise CannotRead.

    A commit that takes so long fails with CannotCommit. FastStream catches it, so `fail` is called.
    """
    _limit_reading(consumer, group, seconds)
    commit = consumer.commit

    async def commit_soon(*offsets: Any) -> None:
        try:
            async with asyncio.timeout(seconds):
                await commit(*offsets)
        except TimeoutError as error:
            log.error("%s: cannot commit its offsets to Kafka", group)
            fail(CannotCommit(group))
            raise CannotCommit(group) from error

    consumer.commit = commit_soon


def _limit_reading(consumer: AIOKafkaConsumer, group: str, seconds: float) -> None:
    read, now = consumer.getmany, asyncio.get_running_loop().time
    first = last = -math.inf

    async def getmany(**how: Any) -> Any:
        nonlocal first, last
        try:
            if consumer._fetcher.error_future.done():
                raise KafkaError("the task that fetches records has ended")
            records = await read(**how)
        except KafkaError as error:
            name, last, before = type(error).__name__, now(), last
            log.warning("%s: cannot read from Kafka: %s: %s", group, name, error)
            if last - before > _ERRORS_APART_SECONDS:
                first = last
            if last - first > seconds:
                raise CannotRead(group) from error
            raise
        if records:
            last = -math.inf
        return records

    consumer.getmany = getmany
