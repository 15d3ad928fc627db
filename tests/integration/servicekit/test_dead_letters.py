"""Every record that cannot be taken is set aside, unchanged and with its cause."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import text

from integration.servicekit.flow import (
    counted,
    dead_letters,
    effects,
    message,
    send,
    wait_for_effects,
)
from servicekit.consumer import Consumer
from servicekit.consumer_group import EventMeta
from servicekit.handling import TooManyDeadLetters
from support.apps import (
    CounterBumped,
    Refused,
    SampleUnitOfWork,
    running,
    subscribe,
    unique,
)
from support.checker import header

NOT_UTF8 = b"\xff\xfe"
POISON = {
    "not JSON": (b"{", {}),
    "a field is missing": (b'{"counter_id": "a"}', {}),
    "not UTF-8": (NOT_UTF8, {}),
    "empty": (b"", {}),
    "no UUID": (counted(1), {"ce_id": b"17"}),
    "type not UTF-8": (counted(1), {"ce_type": NOT_UTF8}),
    "NUL in a header": (b"{", {"ce_subject": b"a\x00b"}),
    "NUL in a header's name": (b"{", {"na\0me": b""}),
    "other CloudEvents version": (counted(1), {"ce_specversion": b"2.0"}),
}


@pytest.mark.parametrize("what", POISON)
async def test_a_malformed_record_goes_to_the_dead_letters_unchanged(
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


async def test_a_header_that_is_not_utf8_does_not_matter(engine, event, flow, producer):
    async with running(flow()):
        await send(producer, event.TOPIC, message(event, counted(1)), foreign=NOT_UTF8)
        assert await wait_for_effects(engine, 1) == [("a", 1)]


async def test_a_handler_that_fails_is_tried_again_then_the_record_is_set_aside(
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


async def test_what_the_domain_refuses_is_set_aside_at_once(
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


@pytest.mark.parametrize("how", ["malformed", "handler fails"])
async def test_a_bad_deploy_does_not_empty_the_topic_into_the_dead_letters(
    how, engine, event, kafka_settings, producer
):
    async def refusing(bumped: CounterBumped, uow: SampleUnitOfWork, meta: EventMeta) -> None:
        raise Refused("everything", "conflict", "Everything is refused.")

    group = subscribe(unique("sample.g"), event, refusing)
    consumer = Consumer(kafka_settings, lambda: SampleUnitOfWork(engine, event), [group])
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


async def test_restarts_get_past_any_number_of_dead_letters(
    engine, event, kafka_settings, producer
):
    """Each process may set aside a hundred; what was set aside before is not counted again."""

    async def refusing(bumped: CounterBumped, uow: SampleUnitOfWork, meta: EventMeta) -> None:
        if bumped.version <= 150:
            raise Refused("counter-stopped", "conflict", "The counter is stopped.")
        await uow.effect(bumped, meta)

    group = subscribe(unique("sample.g"), event, refusing)
    for version in range(1, 152):
        await send(producer, event.TOPIC, message(event, counted(version)))

    async def process() -> None:
        consumer = Consumer(kafka_settings, lambda: SampleUnitOfWork(engine, event), [group])
        async with running(consumer) as task:
            gone_past = asyncio.create_task(wait_for_effects(engine, 1))
            await asyncio.wait({task, gone_past}, return_when=asyncio.FIRST_COMPLETED)
            gone_past.cancel()

    with pytest.raises(TooManyDeadLetters):
        await process()
    assert await effects(engine) == []
    await process()
    assert await effects(engine) == [("a", 151)]


async def test_what_is_sent_again_and_fails_again_is_set_aside_again(
    event, flow, relay, producer, kafka
):
    async def buggy(bumped: CounterBumped, uow: SampleUnitOfWork, meta: EventMeta) -> None:
        raise ZeroDivisionError("a bug")

    one = message(event, counted(1))
    async with running(flow(buggy)), running(relay):
        for times in (1, 2):
            await send(producer, event.TOPIC, one)
            letters = await dead_letters(kafka, flow.group, times)
    assert [header(letter, "ce_id") for letter in letters] == [str(one.id)] * 2
