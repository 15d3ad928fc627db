"""G8: a poison event stops no other: it becomes a dead letter, and can be sent again after a fix.

20 poison events of five kinds among 2,000 good ones. Seen red for the two usual mistakes:
acknowledge and drop the record; refuse it and receive the same record without end.
"""

import asyncio
import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer, ConsumerRecord
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts import Message
from servicekit.consumer import Consumer
from servicekit.consumer_group import EventMeta
from servicekit.dead_letter_record import original
from servicekit.relay import Relay
from support.apps import CounterBumped, SampleUnitOfWork, counter_bumped, running, subscribe, unique
from support.checker import compare, header, read_topics
from support.eventually import eventually

GOOD, KEYS = 2_000, 20
BUG = "the handler cannot take this"


class Stream:
    """What was sent: the ids that must take effect, and the poison by kind."""

    def __init__(self, event: type[CounterBumped]) -> None:
        self.event = event
        self.good: list[str] = []
        self.poison: dict[str, tuple[str, bytes]] = {}  # id > kind, original value

    async def send(self, producer: AIOKafkaProducer) -> None:
        for number in range(GOOD):
            await self._one(producer, number, self._payload(number), None)
            if number % (GOOD // 20) == 10:
                kind = KINDS[number // (GOOD // 20) % len(KINDS)]
                await self._one(producer, number, *self._poison(kind, number), kind)
        await producer.flush()

    def _payload(self, number: int, note: str = "") -> bytes:
        data = {"counter_id": f"c{number % KEYS}", "version": number, "note": note}
        return json.dumps(data).encode()

    def _poison(self, kind: str, number: int) -> tuple[bytes]:
        return (
            {"malformed": b"\xff{", "schema": b"{}", "bug": self._payload(number, BUG)}.get(
                kind, self._payload(number)
            ),
        )

    async def _one(
        self, producer: AIOKafkaProducer, number: int, data: bytes, kind: str | None
    ) -> None:
        future = counter_bumped(self.event.TYPE.split(".")[0], major=2)
        type_ = future.TYPE if kind == "unknown type" else self.event.TYPE
        one = Message(uuid4(), type_, "/sample", datetime.now(UTC), f"c{number % KEYS}", data)
        headers = [(name, value.encode()) for name, value in one.headers().items()]
        if kind == "header":
            headers = [(n, b"\xff\x00" if n == "ce_subject" else v) for n, v in headers]
        await producer.send(self.event.TOPIC, data, key=one.subject.encode(), headers=headers)
        if kind is None:
            self.good.append(str(one.id))
        elif kind != "unknown type":
            self.poison[str(one.id)] = (kind, data)


KINDS = ("malformed", "schema", "bug", "header", "unknown type")


async def effects(engine: AsyncEngine) -> list[str]:
    async with engine.connect() as connection:
        rows = await connection.execute(text("select event_id from effects order by id"))
        return [str(row.event_id) for row in rows]


class Broken:
    """Whether the handler has its bug."""

    bug = True

    async def __call__(self, bumped: CounterBumped, uow: SampleUnitOfWork, meta: EventMeta) -> None:
        await uow.effect(bumped, meta)
        if self.bug and bumped.note == BUG:
            raise ZeroDivisionError(BUG)


@pytest.fixture
async def stream(event: type[CounterBumped], producer: AIOKafkaProducer) -> Stream:
    stream = Stream(event)
    await stream.send(producer)
    return stream


async def test_poison_is_set_aside_and_takes_effect_when_sent_again(
    stream, engine, database, kafka_settings, producer
):
    event, handler, group = stream.event, Broken(), unique("sample.g")

    def consumer() -> Consumer:
        taking = subscribe(group, event, handler)
        return Consumer(kafka_settings, lambda: SampleUnitOfWork(engine, event), [taking])

    async def letters(count: int) -> list[ConsumerRecord]:
        found = await read_topics(kafka_settings.bootstrap_servers, f"{group}.dlq")
        assert len(found) >= count, f"{len(found)} of {count} dead letters"
        return found

    relay = Relay(database.dsn.get_secret_value(), kafka_settings)
    async with running(relay), running(consumer()):
        dead = await eventually(lambda: letters(len(stream.poison)), within=60)
        await eventually(lambda: _all_there(engine, stream.good), within=60)
    assert compare(stream.good, await effects(engine)).clean
    assert compare(stream.poison, [str(header(d, "ce_id")) for d in dead]).clean
    for letter in dead:
        kind, data = stream.poison[header(letter, "ce_id")]
        assert letter.value == data
        cause = "ZeroDivisionError" if kind == "bug" else "EventDecodingError"
        assert header(letter, "dlq_error") == cause

    # The bug is fixed; the records that it set aside are sent again, twice, unchanged.
    handler.bug = False
    fixed = [d for d in dead if header(d, "dlq_error") == "ZeroDivisionError"]
    for letter in fixed * 2:
        again = original(letter)
        await producer.send_and_wait(
            f"{group}.retry", again.value, key=again.key, headers=again.headers
        )
    wanted = [*stream.good, *(str(header(d, "ce_id")) for d in fixed)]
    async with running(relay), running(consumer()):
        await eventually(lambda: _all_there(engine, wanted), within=30)
        await asyncio.sleep(0.5)
    assert compare(wanted, await effects(engine)).clean


async def _all_there(engine: AsyncEngine, wanted: list[str]) -> bool:
    missing = compare(wanted, await effects(engine)).lost
    assert not missing, f"{len(missing)} missing"
    return True


async def test_red_for_acknowledging_and_dropping(stream, engine, kafka_settings):
    class Dropping(Consumer):
        async def _apply_alone(self, group, item, dead_letters):
            return []

    group = subscribe(unique("sample.g"), stream.event, Broken())
    uow = lambda: SampleUnitOfWork(engine, stream.event)  # noqa: E731
    async with running(Dropping(kafka_settings, uow, [group])):
        await asyncio.sleep(4)
    assert compare(stream.good, await effects(engine)).lost


async def test_red_for_refusing_without_end(stream, engine, kafka_settings):
    enough = asyncio.Event()

    class Refusing(Consumer):
        async def _consume(self, group, records, dead_letters):
            while not enough.is_set():
                try:
                    await super()._consume(group, records, dead_letters)
                    return
                except Exception:
                    await asyncio.sleep(0.2)

        async def _apply_alone(self, group, item, dead_letters):
            return (await self._apply(group, [item]))[0]

    group = subscribe(unique("sample.g"), stream.event, Broken())
    consumer = Refusing(kafka_settings, lambda: SampleUnitOfWork(engine, stream.event), [group])
    async with running(consumer):
        await asyncio.sleep(4)
        enough.set()
    assert compare(stream.good, await effects(engine)).lost
