"""Outbox > relay > Kafka > consumer > inbox and effect, and every record that cannot be taken."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts import Message
from servicekit.consumer import Consumer, TooManyDeadLetters
from servicekit.metrics import EVENTS_CONSUMED
from servicekit.relay import Relay
from servicekit.settings import Database, Kafka
from servicekit.subscription import EventMeta
from support.apps import (
    CounterBumped,
    Refused,
    SampleUnitOfWork,
    counter_bumped,
    running,
    subscribe,
    unique,
)
from support.checker import header, read_topics
from support.eventually import eventually


async def effects(engine: AsyncEngine) -> list[tuple[str, int]]:
    async with engine.connect() as connection:
        rows = await connection.execute(
            text("select counter_id, version from effects order by counter_id, version")
        )
        return [(row.counter_id, row.version) for row in rows]


async def wait_for_effects(engine: AsyncEngine, count: int) -> list[tuple[str, int]]:
    async def enough() -> list[tuple[str, int]]:
        found = await effects(engine)
        assert len(found) >= count, f"{len(found)} of {count} effects"
        return found

    return await eventually(enough)


@pytest.fixture
def flow(engine: AsyncEngine, event: type[CounterBumped], kafka_settings: Kafka):
    """A consumer of the sample event; `group` and `handler` as the test wants."""

    def make(handler: Callable | None = None, group: str = "") -> Consumer:
        wanted = {"handler": handler} if handler else {}
        subscription = subscribe(group or unique("sample.g"), event, **wanted)
        make.group = subscription.group
        return Consumer(kafka_settings, lambda: SampleUnitOfWork(engine, event), [subscription])

    return make


@pytest.fixture
def relay(database: Database, kafka_settings: Kafka) -> Relay:
    return Relay(database.dsn.get_secret_value(), kafka_settings)


def message(event: type[CounterBumped], data: bytes, **changes: object) -> Message:
    base = {
        "id": uuid4(),
        "type": event.TYPE,
        "source": "/sample",
        "time": datetime.now(UTC),
        "subject": "a",
        "data": data,
    }
    return Message(**{**base, **changes})


async def send(producer: AIOKafkaProducer, topic: str, message: Message, **headers: bytes) -> None:
    all_headers = {name: value.encode() for name, value in message.headers().items()} | headers
    await producer.send_and_wait(
        topic, message.data, key=b"a", headers=[(n, v) for n, v in all_headers.items()]
    )


def counted(version: int, counter_id: str = "a") -> bytes:
    return json.dumps({"counter_id": counter_id, "version": version}).encode()


async def dead_letters(kafka: str, group: str, count: int):
    async def enough():
        found = await read_topics(kafka, f"{group}.dlq")
        assert len(found) >= count, f"{len(found)} of {count} dead letters"
        return found

    return await eventually(enough)


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


NOT_UTF8 = b"\xff\xfe"
POISON = {
    "not JSON": (b"{", {}),
    "a field is missing": (b'{"counter_id": "a"}', {}),
    "not UTF-8": (NOT_UTF8, {}),
    "empty": (b"", {}),
    "no UUID": (counted(1), {"ce_id": b"17"}),
    "type not UTF-8": (counted(1), {"ce_type": NOT_UTF8}),
    "NUL in a header": (b"{", {"ce_subject": b"a\x00b"}),
    "other CloudEvents version": (counted(1), {"ce_specversion": b"2.0"}),
}


@pytest.mark.parametrize("what", POISON)
async def test_a_malformed_record_goes_to_the_dead_letters_as_it_came(
    what, engine, event, flow, relay, producer, kafka
):
    data, headers = POISON[what]
    async with running(flow()), running(relay):
        bad = message(event, data)
        await send(producer, event.TOPIC, bad, **headers, colour=b"red")
        await send(producer, event.TOPIC, message(event, counted(2)))
        assert await wait_for_effects(engine, 1) == [("a", 2)]
        [letter] = await dead_letters(kafka, flow.group, 1)
    assert letter.value == data
    assert header(letter, "colour") == "red"
    assert header(letter, "dlq_origin_topic") == event.TOPIC
    assert header(letter, "dlq_origin_offset") == "0"
    assert header(letter, "dlq_error") == "EventDecodingError"
    if what == "not JSON":
        assert header(letter, "ce_id") == str(bad.id)


async def test_a_header_that_is_not_utf8_is_no_hindrance(engine, event, flow, producer):
    async with running(flow()):
        await send(producer, event.TOPIC, message(event, counted(1)), foreign=NOT_UTF8)
        assert await wait_for_effects(engine, 1) == [("a", 1)]


async def test_a_handler_that_fails_is_tried_again_then_the_record_is_buried(
    engine, event, flow, relay, producer, kafka
):
    attempts: list[UUID] = []

    async def buggy(bumped: CounterBumped, uow: SampleUnitOfWork, meta: EventMeta) -> None:
        await uow.effect(bumped, meta)
        if bumped.version == 2:
            attempts.append(meta.id)
            raise ZeroDivisionError("a bug")

    async with running(flow(buggy)), running(relay):
        for version in (1, 2, 3):
            await send(producer, event.TOPIC, message(event, counted(version)))
        assert await wait_for_effects(engine, 2) == [("a", 1), ("a", 3)]
        [letter] = await dead_letters(kafka, flow.group, 1)
    assert len(attempts) >= 3
    assert header(letter, "dlq_error") == "ZeroDivisionError"
    assert header(letter, "dlq_attempts") == "3"
    assert letter.value == counted(2)


async def test_what_the_domain_refuses_is_buried_at_once(
    engine, event, flow, relay, producer, kafka
):
    async def refusing(bumped: CounterBumped, uow: SampleUnitOfWork, meta: EventMeta) -> None:
        if bumped.version == 1:
            raise Refused("counter-stopped", "conflict", "The counter is stopped.")
        await uow.effect(bumped, meta)

    async with running(flow(refusing)), running(relay):
        await send(producer, event.TOPIC, message(event, counted(1)))
        await send(producer, event.TOPIC, message(event, counted(2)))
        assert await wait_for_effects(engine, 1) == [("a", 2)]
        [letter] = await dead_letters(kafka, flow.group, 1)
    assert header(letter, "dlq_code") == "counter-stopped"
    assert header(letter, "dlq_attempts") == "1"


async def test_a_hint_runs_after_the_commit_and_may_fail(engine, event, kafka_settings, producer):
    hinted: list[int] = []

    async def hint(events):
        hinted.append(len(await effects(engine)))
        raise ZeroDivisionError

    subscription = subscribe(unique("sample.g"), event, after_commit=hint)
    consumer = Consumer(kafka_settings, lambda: SampleUnitOfWork(engine, event), [subscription])
    async with running(consumer):
        await send(producer, event.TOPIC, message(event, counted(1)))
        await eventually(lambda: asyncio.sleep(0, hinted))
    assert hinted == [1]


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

    subscription = subscribe(unique("sample.g"), event, handler)

    def consumer() -> Consumer:
        return Impatient(kafka_settings, lambda: SampleUnitOfWork(engine, event), [subscription])

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
    subscription = subscribe(unique("sample.g"), event)
    consumer = Impatient(nowhere, lambda: SampleUnitOfWork(engine, event), [subscription])
    with pytest.raises(KafkaConnectionError):
        await asyncio.wait_for(consumer.run(asyncio.Event()), 15)


@pytest.mark.parametrize("how", ["malformed", "handler fails"])
async def test_a_bad_deploy_does_not_empty_the_topic_into_the_dead_letters(
    how, engine, event, kafka_settings, producer
):
    async def refusing(bumped: CounterBumped, uow: SampleUnitOfWork, meta: EventMeta) -> None:
        raise Refused("everything", "conflict", "Everything is refused.")

    subscription = subscribe(unique("sample.g"), event, refusing)
    consumer = Consumer(kafka_settings, lambda: SampleUnitOfWork(engine, event), [subscription])
    data = counted(1) if how == "handler fails" else b"{"
    for _ in range(1_000):
        one = message(event, data)
        headers = [(name, value.encode()) for name, value in one.headers().items()]
        await producer.send(event.TOPIC, one.data, key=b"a", headers=headers)
    await producer.flush()
    with pytest.raises(TooManyDeadLetters):
        await asyncio.wait_for(consumer.run(asyncio.Event()), 30)
    async with engine.connect() as connection:
        buried = await connection.scalar(text("select count(*) from outbox"))
    assert 100 <= buried <= 500


class NotUtf8(str):
    """A header name that only a faulty client can send."""

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return NOT_UTF8


async def test_a_record_that_the_client_cannot_read_ends_the_process_loudly(
    event, flow, producer, caplog
):
    batch = producer.create_batch()
    batch._builder = _DefaultRecordBatchBuilderPy(2, 0, 0, -1, -1, -1, 16_384)
    batch.append(key=b"a", value=b"x", timestamp=None, headers=[(NotUtf8("name"), b"")])
    await (await producer.send_batch(batch, event.TOPIC, partition=0))
    with pytest.raises(UnicodeDecodeError):
        await asyncio.wait_for(flow().run(asyncio.Event()), 20)
    assert "reading from Kafka failed" in caplog.text
