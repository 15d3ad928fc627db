"""A fault that no consumer can solve by itself ends the process, and loses nothing."""

import asyncio

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError

from integration.servicekit.flow import (
    counted,
    effects,
    message,
    send,
    wait_for_effects,
)
from servicekit.consumer import Consumer
from servicekit.consumer_group import EventMeta
from servicekit.patience import CannotRead
from servicekit.settings import Kafka
from support.apps import (
    CounterBumped,
    SampleUnitOfWork,
    running,
    subscribe,
    unique,
)


class Impatient(Consumer):
    PATIENCE_SECONDS = 1.0


async def test_when_the_database_stays_away_the_consumer_ends_and_nothing_is_lost(
    engine, event, kafka_settings, producer
):
    away = True

    async def handler(bumped: CounterBumped, uow: SampleUnitOfWork, meta: EventMeta) -> None:
        await uow.effect(bumped, meta)
        if away:
            raise ConnectionRefusedError

    group = subscribe(unique("sample.g"), event, handler)

    def consumer() -> Consumer:
        return Impatient(kafka_settings, lambda: SampleUnitOfWork(engine, event), [group])

    for version in (1, 2, 3):
        await send(producer, event.TOPIC, message(event, counted(version)))
    with pytest.raises(ConnectionRefusedError):
        await asyncio.wait_for(consumer().run(asyncio.Event()), 12)
    assert await effects(engine) == []
    away = False
    async with running(consumer()):
        assert await wait_for_effects(engine, 3) == [("a", 1), ("a", 2), ("a", 3)]


async def test_when_kafka_cannot_be_reached_the_consumer_ends(engine, event):
    nowhere = Kafka(bootstrap_servers="127.0.0.1:9")
    group = subscribe(unique("sample.g"), event)
    consumer = Impatient(nowhere, lambda: SampleUnitOfWork(engine, event), [group])
    with pytest.raises(KafkaConnectionError):
        await asyncio.wait_for(consumer.run(asyncio.Event()), 15)


async def test_what_cannot_be_read_for_long_ends_the_process_loudly(
    event, flow, kafka_settings, monkeypatch, caplog
):
    """A codec that is not installed, for one: Kafka's client raises it at every read."""
    monkeypatch.setattr(Consumer, "PATIENCE_SECONDS", 1.0)
    compressing = AIOKafkaProducer(
        bootstrap_servers=kafka_settings.bootstrap_servers, compression_type="gzip"
    )
    await compressing.start()
    await compressing.send_and_wait(event.TOPIC, b"x", b"a")
    await compressing.stop()
    monkeypatch.setattr("aiokafka.codec.has_gzip", lambda: False)
    with pytest.raises(CannotRead):
        await asyncio.wait_for(flow().run(asyncio.Event()), 30)
    assert "cannot read from Kafka: UnsupportedCodecError" in caplog.text
