"""G7: what is published is what was committed, no more, no less, and in each aggregate's order.

50 writers, random transaction lengths, rollbacks, three relays. The writers' own ledger and a
separate Kafka reader are compared; the outbox table is not asked. Seen red for three defects.
"""

import asyncio
import json
import random
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer, ConsumerRecord
from sqlalchemy.ext.asyncio import AsyncEngine

from servicekit.db import create_engine
from servicekit.relay import Relay
from servicekit.settings import Database, Kafka
from support.apps import Bumped, CounterBumped, SampleUnitOfWork, running
from support.checker import Difference, compare, out_of_order, read_topics
from support.defects import CursorRelay, ShufflingRelay
from support.eventually import eventually

WRITERS, COUNTERS = 50, 150
MakeUow = Callable[[AsyncEngine, type[CounterBumped]], SampleUnitOfWork]


class RolledBack(Exception):
    """The transaction is given up on purpose."""


class Writers:
    """The load, and its ledger of which notes were committed."""

    def __init__(self, engine: AsyncEngine, event: type[CounterBumped], make_uow: MakeUow) -> None:
        self.committed: list[str] = []
        self._engine, self._event, self._make_uow = engine, event, make_uow

    async def write(self, transactions: int, seed: int) -> None:
        """Spread the transactions over the writers; each ends by itself."""
        shares = [range(n, transactions, WRITERS) for n in range(WRITERS)]
        await asyncio.gather(*(self._writer(random.Random(f"{seed}/{s}"), s) for s in shares))

    async def _writer(self, chance: random.Random, numbers: range) -> None:
        for number in numbers:
            try:
                await self._transaction(chance, number)
            except RolledBack:
                continue

    async def _transaction(self, chance: random.Random, number: int) -> None:
        # Sorted, so that two writers never wait for each other in a circle.
        counters = sorted(chance.sample(range(COUNTERS), chance.choice((1, 1, 2, 3))))
        notes = []
        async with self._make_uow(self._engine, self._event) as uow:
            await asyncio.sleep(chance.uniform(0, 0.05))
            for counter in counters:
                notes.append(f"{number}/{counter}")
                await uow.bump(f"c{counter}", notes[-1])
            # Some take their outbox ids now, and a few of these stay open for long.
            if chance.random() < 0.5:
                await uow.write_events_now()
                await asyncio.sleep(chance.uniform(0.5, 2) if chance.random() < 0.05 else 0.01)
            if chance.random() < 0.1:
                raise RolledBack
        self.committed += notes


async def run(
    database: Database,
    kafka: Kafka,
    event: type[CounterBumped],
    relays: list[Relay],
    make_uow: MakeUow = SampleUnitOfWork,
    transactions: int = 2_000,
) -> tuple[Difference, list[tuple[str, int, int]]]:
    """Write under the relays, wait until all is quiet, compare. Seed 7 throughout."""
    engine = create_engine(database.model_copy(update={"pool_size": WRITERS}))
    writers = Writers(engine, event, make_uow)
    async with AsyncExitStack() as stack:
        for relay in relays:
            await stack.enter_async_context(running(relay))
        await writers.write(transactions, seed=7)
        records = await _when_quiet(kafka, event.TOPIC)
    await engine.dispose()
    found = [json.loads(record.value) for record in records]
    difference = compare(writers.committed, {event["note"] for event in found})
    return difference, out_of_order((e["counter_id"], e["version"]) for e in found)


async def _when_quiet(kafka: Kafka, topic: str) -> list[ConsumerRecord]:
    """All records, once their number has stayed the same for a second."""
    seen = [-1]

    async def quiet() -> list[ConsumerRecord]:
        records = await read_topics(kafka.bootstrap_servers, topic)
        before, seen[0] = seen[0], len(records)
        assert before == len(records), "still growing"
        return records

    return await eventually(quiet, within=60, pause=1)


def relays(kind: type[Relay], count: int, database: Database, kafka: Kafka) -> list[Relay]:
    return [kind(database.dsn.get_secret_value(), kafka) for _ in range(count)]


async def test_published_is_committed(database, kafka_settings, event):
    three = relays(Relay, 3, database, kafka_settings)
    difference, disorder = await run(database, kafka_settings, event, three)
    assert difference.clean, difference
    assert not disorder


async def test_red_for_polling_by_a_cursor(database, kafka_settings, event):
    one = relays(CursorRelay, 1, database, kafka_settings)
    difference, _ = await run(database, kafka_settings, event, one, transactions=400)
    assert difference.lost
    assert not difference.unexpected


async def test_red_for_publishing_before_the_commit(database, kafka_settings, event, producer):
    class PublishingEarly(SampleUnitOfWork):
        def record(self, recorded: object, cause: str | None = None) -> None:
            assert isinstance(recorded, Bumped)
            publish_now(producer, event, recorded)

    difference, _ = await run(database, kafka_settings, event, [], PublishingEarly, 400)
    assert difference.unexpected


def publish_now(producer: AIOKafkaProducer, event: type[CounterBumped], bumped: Bumped) -> None:
    data = event(**vars(bumped)).model_dump_json().encode()
    sending = producer.send(event.TOPIC, data, key=bumped.counter_id.encode())
    _SENDING.append(asyncio.ensure_future(sending))


_SENDING: list[asyncio.Future[Any]] = []


async def test_red_for_losing_the_order(database, kafka_settings, event):
    one = relays(ShufflingRelay, 1, database, kafka_settings)
    difference, disorder = await run(database, kafka_settings, event, one, transactions=400)
    assert difference.clean, difference
    assert disorder


@pytest.mark.parametrize("versions", [[1, 2, 3, 2, 3, 4], [1, 1, 2]])
def test_copies_are_no_disorder(versions):
    assert not out_of_order(("a", version) for version in versions)
