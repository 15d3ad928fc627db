"""A migrated database per test, an engine of the app role, and topics of the test's own."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.registry import Topic
from servicekit.consumer import Consumer
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


@pytest.fixture
def flow(engine: AsyncEngine, event: type[CounterBumped], kafka_settings: Kafka):
    """Makes consumers of the sample event; `group` and `handler` as the test wants."""

    def make(handler: Callable | None = None, group: str = "") -> Consumer:
        wanted = {"handler": handler} if handler else {}
        group = subscribe(group or unique("sample.g"), event, **wanted)
        make.group = group.name
        return Consumer(kafka_settings, lambda: SampleUnitOfWork(engine, event), [group])

    return make


@pytest.fixture
def relay(database: Database, kafka_settings: Kafka) -> Relay:
    return Relay(database.dsn.get_secret_value(), kafka_settings)
