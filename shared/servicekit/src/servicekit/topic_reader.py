"""Reads topics outside any consumer group: what one holds now, or what comes from now on."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from servicekit.kafka import METADATA_MAX_AGE_MS, connection, end
from servicekit.record_batch import read_everything
from servicekit.settings import Kafka

_LOOK_SECONDS = 10.0
_FETCH_WAIT_MS = 100  # With TLS a consumer stops only after its last fetch was answered.


class TopicUnreadable(Exception):
    """Kafka does not answer, or refuses; the text says which."""


async def records(
    kafka: Kafka, topics: Sequence[str], partitions: int = 1
) -> AsyncIterator[ConsumerRecord]:
    """What the topics hold now, partition by partition, oldest first; `partitions` of each.

    Raises TopicUnreadable.
    """
    try:
        async for record in _read(kafka, topics, partitions):
            yield record
    except KafkaError as error:
        raise TopicUnreadable(f"{type(error).__name__}: {error}") from error


async def _read(kafka: Kafka, topics: Sequence[str], count: int) -> AsyncIterator[ConsumerRecord]:
    read_everything()
    partitions = [TopicPartition(topic, number) for topic in topics for number in range(count)]
    consumer = AIOKafkaConsumer(
        **connection(kafka), enable_auto_commit=False, fetch_max_wait_ms=_FETCH_WAIT_MS
    )
    try:
        await consumer.start()
        if missing := set(topics) - await consumer.topics():
            raise TopicUnreadable(f"there is no topic {', '.join(sorted(missing))}")
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        for partition in partitions:
            while await consumer.position(partition) < ends[partition]:
                found = await consumer.getmany(partition, timeout_ms=1_000)
                for record in found.get(partition, []):
                    if record.offset < ends[partition]:
                        yield record
    finally:
        await end(consumer.stop())


async def follow(
    kafka: Kafka, topics: Sequence[str], every: float = 1.0
) -> AsyncIterator[list[ConsumerRecord]]:
    """What the topics get from now on, as it comes, and nothing at least `every` seconds.

    The first list is empty: from then on nothing is missed. Raises TopicUnreadable, also when the
    broker has been away for more than a moment.
    """
    read_everything()
    consumer = AIOKafkaConsumer(
        *topics,
        **connection(kafka),
        enable_auto_commit=False,
        auto_offset_reset="latest",
        metadata_max_age_ms=METADATA_MAX_AGE_MS,
    )
    loop = asyncio.get_running_loop()
    try:
        await consumer.start()
        partitions = list(consumer.assignment())
        await consumer.seek_to_end()
        for partition in partitions:
            await consumer.position(partition)
        looked = loop.time()
        yield []
        while True:
            found = await consumer.getmany(timeout_ms=round(1000 * every))
            # aiokafka itself tries again without end, in silence.
            if not found and loop.time() > looked + _LOOK_SECONDS:
                async with asyncio.timeout(_LOOK_SECONDS):
                    await consumer.end_offsets(partitions)
                looked = loop.time()
            yield [record for records in found.values() for record in records]
    except (KafkaError, TimeoutError) as error:
        raise TopicUnreadable(f"{type(error).__name__}: {error}") from error
    finally:
        await end(consumer.stop())
