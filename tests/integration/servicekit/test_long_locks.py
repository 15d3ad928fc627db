"""A statement that a timeout cancels is waited for, and is no reason for a dead letter.

Seen red for counting it as an attempt: a lock of a minute then made a dead letter of every event.
"""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from integration.servicekit.flow import counted, effects, message, send, wait_for_effects
from servicekit.consumer import Consumer
from servicekit.consumer_group import EventMeta
from servicekit.db import create_engine
from servicekit.metrics import CONSUMER_WAITS
from support.apps import CounterBumped, SampleUnitOfWork, running, subscribe, unique


@pytest.fixture
async def impatient(database):
    """Connections whose statements are cancelled after 200 ms."""
    engine = create_engine(database.model_copy(update={"statement_timeout_ms": 200}))
    yield engine
    await engine.dispose()


async def dead_letters_written(engine) -> int:
    async with engine.connect() as connection:
        found: int = await connection.scalar(text("select count(*) from outbox"))
        return found


async def test_events_wait_for_a_long_lock(engine, impatient, event, kafka_settings, producer):
    group = subscribe(unique("sample.g"), event)
    consumer = Consumer(kafka_settings, lambda: SampleUnitOfWork(impatient, event), [group])
    async with running(consumer):
        async with engine.begin() as connection:
            await connection.execute(text("lock table effects in access exclusive mode"))
            for version in (1, 2, 3):
                await send(producer, event.TOPIC, message(event, counted(version)))
            await asyncio.sleep(6)
        assert await wait_for_effects(engine, 3) == [("a", 1), ("a", 2), ("a", 3)]
    assert await dead_letters_written(engine) == 0
    assert CONSUMER_WAITS.labels(group.name, "timeout")._value.get() > 1


async def test_an_event_that_is_never_in_time_ends_the_process_loudly_and_stays(
    engine, impatient, event, kafka_settings, producer, monkeypatch, caplog
):
    monkeypatch.setattr(Consumer, "PATIENCE_SECONDS", 1.0)
    slow = True

    async def handler(bumped: CounterBumped, uow: SampleUnitOfWork, meta: EventMeta) -> None:
        if slow and bumped.version == 2:
            await uow.connection.execute(text("select pg_sleep(5)"))
        await uow.effect(bumped, meta)

    group = subscribe(unique("sample.g"), event, handler)

    def consumer() -> Consumer:
        return Consumer(kafka_settings, lambda: SampleUnitOfWork(impatient, event), [group])

    for version in (1, 2, 3):
        await send(producer, event.TOPIC, message(event, counted(version)))
    with pytest.raises(DBAPIError):
        await asyncio.wait_for(consumer().run(asyncio.Event()), 20)
    assert await effects(engine) == [("a", 1)]
    assert f"{event.TOPIC}/" in caplog.text
    assert "/1 waits: a statement took too long" in caplog.text
    assert "the process ends and the offset stays" in caplog.text
    slow = False
    async with running(consumer()):
        assert await wait_for_effects(engine, 3) == [("a", 1), ("a", 2), ("a", 3)]
    assert await dead_letters_written(engine) == 0
