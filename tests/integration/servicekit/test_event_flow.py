"""Outbox > relay > Kafka > consumer > inbox and effect."""

import asyncio

import pytest
from aiokafka import AIOKafkaProducer

from integration.servicekit.flow import (
    counted,
    effects,
    message,
    send,
    wait_for_effects,
)
from servicekit.consumer import Consumer
from servicekit.kafka import connection
from servicekit.metrics import EVENTS_CONSUMED
from support.apps import (
    SampleUnitOfWork,
    counter_bumped,
    running,
    subscribe,
    unique,
)
from support.eventually import eventually


async def test_an_event_takes_effect_once_and_in_order(engine, event, flow, relay):
    async with running(flow()), running(relay):
        for _ in range(20):
            async with SampleUnitOfWork(engine, event) as uow:
                await uow.bump("a")
                await uow.bump("b")
        expected = [(c, v) for c in "ab" for v in range(1, 21)]
        assert await wait_for_effects(engine, 40) == expected


async def test_a_redelivered_event_has_no_second_effect(engine, event, flow, producer):
    one = message(event, counted(1))
    async with running(flow()):
        for _ in range(3):
            await send(producer, event.TOPIC, one)
        await send(producer, event.TOPIC, message(event, counted(2)))
        assert await wait_for_effects(engine, 2) == [("a", 1), ("a", 2)]


async def test_unknown_types_and_future_versions_are_skipped_and_counted(
    engine, event, flow, producer
):
    future = counter_bumped(event.TYPE.split(".")[0], major=2)
    async with running(flow()):
        await send(producer, event.TOPIC, message(future, b'{"whatever": 1}'))
        await send(producer, event.TOPIC, message(event, counted(1)))
        assert await wait_for_effects(engine, 1) == [("a", 1)]
    skipped = EVENTS_CONSUMED.labels(flow.group, future.TYPE, "unknown_type")
    assert skipped._value.get() == 1


async def test_a_newer_producers_extra_field_is_ignored(engine, event, flow, producer):
    async with running(flow()):
        await send(
            producer, event.TOPIC, message(event, b'{"counter_id":"a","version":1,"colour":"red"}')
        )
        assert await wait_for_effects(engine, 1) == [("a", 1)]


async def test_a_hint_runs_after_the_commit_and_may_fail(engine, event, kafka_settings, producer):
    hinted: list[int] = []

    async def hint(events):
        hinted.append(len(await effects(engine)))
        raise ZeroDivisionError

    group = subscribe(unique("sample.g"), event, after_commit=hint)
    consumer = Consumer(kafka_settings, lambda: SampleUnitOfWork(engine, event), [group])
    async with running(consumer):
        await send(producer, event.TOPIC, message(event, counted(1)))
        await eventually(lambda: asyncio.sleep(0, hinted))
    assert hinted == [1]


@pytest.mark.parametrize("codec", ["gzip", "lz4", "snappy", "zstd"])
async def test_records_are_read_however_they_are_compressed(
    codec, engine, event, flow, kafka_settings
):
    """A topic's `compression.type` is the operator's choice."""
    producer = AIOKafkaProducer(**connection(kafka_settings), compression_type=codec)
    await producer.start()
    await send(producer, event.TOPIC, message(event, counted(1)))
    await producer.stop()
    async with running(flow()):
        assert await wait_for_effects(engine, 1) == [("a", 1)]
