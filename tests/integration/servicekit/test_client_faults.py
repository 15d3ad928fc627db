"""Kafka's client while its broker is away: it does not ask without pause."""

import asyncio
from time import monotonic

from aiokafka import AIOKafkaConsumer, TopicPartition

from contracts.registry import Topic
from devstack import Stack
from servicekit.kafka import connection, ensure_topics
from servicekit.settings import Kafka
from support.apps import unique

AWAY_SECONDS = 4


async def test_a_client_asks_seldom_while_a_partition_has_no_leader(
    kafka_settings: Kafka, servers: Stack, caplog
):
    """A broker that stops in good order says so to its clients before it is gone."""
    topic = unique("sample.topic")
    await ensure_topics(kafka_settings, [Topic(topic, "sample", "internal", partitions=1)])
    partition = TopicPartition(topic, 0)
    consumer = AIOKafkaConsumer(**connection(kafka_settings))
    await consumer.start()
    consumer.assign([partition])
    reading = asyncio.create_task(consumer.getmany(timeout_ms=60_000))
    await asyncio.sleep(1)
    try:
        await servers.stop("kafka")
        caplog.clear()
        began = monotonic()
        await asyncio.sleep(AWAY_SECONDS)
        asked = [one for one in caplog.messages if one.startswith("Unable to update metadata")]
        assert 0 < len(asked) <= 5 * (monotonic() - began) + 5
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await consumer.stop()
    finally:
        await servers.start("kafka", timeout=180)
