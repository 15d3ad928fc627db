"""A consumer that cannot read for long ends its process: FastStream alone would try again without
end after any error of Kafka's, and log nothing."""

import asyncio
import logging
import math
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

log = logging.getLogger(__name__)

# FastStream waits 5 or 15 s after an error, and may read without records in between.
_ERRORS_APART_SECONDS = 20


class CannotRead(Exception):
    """A consumer group could not read its topics for too long."""


def limit_patience(consumer: AIOKafkaConsumer, group: str, seconds: float) -> None:
    """Log each error of `consumer.getmany`; once they go on for `seconds`, raise CannotRead."""
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
