"""A migrated database per test, an engine of the app role, and topics of the test's own."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiokafka import AIOKafkaProducer
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.registry import Topic
from servicekit import migrations
from servicekit.db import create_engine
from servicekit.kafka import ensure_topics
from servicekit.settings import Database, Kafka
from support.apps import (
    MIGRATIONS,
    CounterBumped,
    counter_bumped,
    create_database,
    drop_database,
    unique,
)


@pytest.fixture(scope="session")
async def migrated(postgres: str) -> AsyncIterator[str]:
    """Name of a database to copy: migrated once by the owner role through Alembic."""
    name = unique("sample_")
    database = await create_database(postgres, name)
    await asyncio.to_thread(migrations.upgrade, MIGRATIONS, database)
    yield name
    await drop_database(postgres, name)


@pytest.fixture
async def database(postgres: str, migrated: str) -> AsyncIterator[Database]:
    """A migrated database of the test's own."""
    name = unique("sample_")
    yield await create_database(postgres, name, template=migrated)
    await drop_database(postgres, name)


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    """Connections of the app role."""
    engine = create_engine(database)
    yield engine
    await engine.dispose()


@pytest.fixture(scope="session")
def kafka_settings(kafka: str) -> Kafka:
    """The real broker, with a short session so that a silent consumer is soon replaced."""
    return Kafka(bootstrap_servers=kafka, session_timeout_ms=3_000, request_timeout_ms=10_000)


@pytest.fixture
async def event(kafka_settings: Kafka) -> type[CounterBumped]:
    """A contract event whose topic nothing else uses."""
    event = counter_bumped(unique("sample"))
    await ensure_topics(
        kafka_settings.bootstrap_servers, [Topic(event.TOPIC, "sample", "internal", 3)]
    )
    return event


@pytest.fixture
async def producer(kafka: str) -> AsyncIterator[AIOKafkaProducer]:
    """A bare producer, for records that no relay would send."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka)
    await producer.start()
    yield producer
    await producer.stop()
