"""A record whose header has a name that is not UTF-8 is set aside, and the stream goes on.

Kafka's client cannot read such a record: seen red, the process ended at it after every restart.
"""

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from sqlalchemy import text

from contracts import Message
from integration.servicekit.flow import (
    counted,
    dead_letters,
    message,
    send,
    wait_for_effects,
)
from servicekit.dead_letters import redrive
from support.apps import running
from support.checker import header

ODD_NAME = bytes.fromhex("782de5")


class NotUtf8(str):
    """A header name that only a faulty client can send."""

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return ODD_NAME


async def send_batch(
    producer: AIOKafkaProducer, topic: str, messages: list[tuple[Message, bool]]
) -> None:
    """One batch of records; the odd ones have the odd header too."""
    batch = producer.create_batch()
    batch._builder = _DefaultRecordBatchBuilderPy(2, 0, 0, -1, -1, -1, 1_000_000)
    for one, odd in messages:
        headers = [(name, value.encode()) for name, value in one.headers().items()]
        headers += [(NotUtf8("name"), b"v")] if odd else []
        assert batch.append(key=b"a", value=one.data, timestamp=None, headers=headers)
    await (await producer.send_batch(batch, topic, partition=0))


async def test_it_is_set_aside_in_its_place_and_can_be_sent_again(
    engine, event, flow, relay, producer, kafka, kafka_settings
):
    await send(producer, event.TOPIC, message(event, counted(1, "before")))
    bad = message(event, counted(3, "bad"))
    await send_batch(
        producer,
        event.TOPIC,
        [(message(event, counted(2)), False), (bad, True), (message(event, counted(4)), False)],
    )
    await send_batch(producer, event.TOPIC, [(message(event, counted(5)), False)])
    async with running(flow()), running(relay):
        assert [v for _, v in await wait_for_effects(engine, 4)] == [2, 4, 5, 1]
        [letter] = await dead_letters(kafka, flow.group, 1)
        assert letter.value == bad.data
        assert header(letter, "ce_id") == str(bad.id)
        assert header(letter, "dlq_origin_offset") == "1"
        assert header(letter, "dlq_error") == "EventDecodingError"
        assert header(letter, "x-\\xe5") == "v"
        assert [line async for line in redrive(kafka_settings, flow.group)]
        assert len(await wait_for_effects(engine, 5)) == 5


async def test_nothing_but_such_records_is_no_obstacle_either(
    engine, event, flow, relay, producer, kafka
):
    await send_batch(producer, event.TOPIC, [(message(event, counted(n)), True) for n in range(20)])
    async with running(flow()), running(relay):
        assert len(await dead_letters(kafka, flow.group, 20)) == 20
    async with engine.connect() as connection:
        assert await connection.scalar(text("select count(*) from effects")) == 0


@pytest.mark.parametrize("name", ["na\0me", "å"])
async def test_a_name_that_is_utf8_does_not_matter(name, engine, event, flow, producer):
    async with running(flow()):
        await send(producer, event.TOPIC, message(event, counted(1)), **{name: b"v"})
        assert await wait_for_effects(engine, 1) == [("a", 1)]
