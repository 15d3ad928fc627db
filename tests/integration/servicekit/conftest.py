"""A migrated database per test, an engine of the app role, and topics of the test's own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.registry import Topic
from servicekit.consumer import Consumer
from servicekit.consumer_group import Handler
from servicekit.kafka import ensure_topics
from servicekit.relay import Relay
from servicekit.settings import Database, Kafka
from support.apps import (
    MIGRATIONS,
    CounterBumped,
    SampleUnitOfWork,
    counter_bumped,
    subscribe,
    unique,
    write_effect,
)


@pytest.fixture
def migrations_folder() -> Path:
    """Each test gets a database of the sample service."""
    return MIGRATIONS


@pytest.fixture(scope="session")
def kafka_settings(kafka: str) -> Kafka:
    """The real broker, with a short session so that a silent consumer is soon replaced."""
    return Kafka(bootstrap_servers=kafka, session_timeout_ms=3_000, request_timeout_ms=10_000)


@pytest.fixture
async def event(kafka_settings: Kafka) -> type[CounterBumped]:
    """A contract event whose topic nothing else uses."""
    event = counter_bumped(unique("sample"))
    await ensure_topics(kafka_settings, [Topic(event.TOPIC, "sample", "internal", 3)])
    return event


@pytest.fixture
async def producer(kafka: str) -> AsyncIterator[AIOKafkaProducer]:
    """A bare producer, for records that no relay would send."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka)
    await producer.start()
    yield producer
    await producer.stop()


class Flow:
    """Makes consumers of the sample event; `group` is the name of the last one's group."""

    def __init__(self, engine: AsyncEngine, event: type[CounterBumped], kafka: Kafka) -> None:
        self._engine, self._event, self._kafka = engine, event, kafka
        self.group = ""

    def __call__(self, handler: Handler = write_effect, group: str = "") -> Consumer:
        """A consumer in a group of its own, or in the named one."""
        self.group = group or unique("sample.g")
        wanted = subscribe(self.group, self._event, handler)
        return Consumer(self._kafka, lambda: SampleUnitOfWork(self._engine, self._event), [wanted])


@pytest.fixture
def flow(engine: AsyncEngine, event: type[CounterBumped], kafka_settings: Kafka) -> Flow:
    return Flow(engine, event, kafka_settings)


@pytest.fixture
def relay(database: Database, kafka_settings: Kafka) -> Relay:
    return Relay(database.dsn.get_secret_value(), kafka_settings)
