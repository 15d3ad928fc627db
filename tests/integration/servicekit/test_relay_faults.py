"""The relay when its broker, its database session, or it itself goes away."""

import asyncio
import json
from typing import Any

import asyncpg
from prometheus_client import Gauge

from servicekit.metrics import OUTBOX_PENDING
from servicekit.relay import Relay
from servicekit.settings import Database, Kafka
from support.apps import CounterBumped, SampleUnitOfWork, running
from support.checker import Difference, compare, out_of_order, read_topics
from support.defects import MarkingFirstRelay
from support.eventually import eventually


async def nothing_pending(database: Database) -> bool:
    connection = await asyncpg.connect(database.dsn.get_secret_value())
    try:
        return not await connection.fetchval("select exists (select from outbox_pending)")
    finally:
        await connection.close()


class Writing:
    """Bumps ten counters in turn until stopped."""

    def __init__(self, engine, event: type[CounterBumped]) -> None:
        self._engine, self._event = engine, event
        self.committed: list[str] = []

    async def run(self, stop: asyncio.Event) -> None:
        number = 0
        while not stop.is_set():
            number += 1
            async with SampleUnitOfWork(self._engine, self._event) as uow:
                await uow.bump(f"c{number % 10}", str(number))
            self.committed.append(str(number))
            await asyncio.sleep(0.002)


async def published(kafka: Kafka, event: type[CounterBumped]) -> list[dict[str, Any]]:
    records = await read_topics(kafka.bootstrap_servers, event.TOPIC)
    return [json.loads(record.value) for record in records]


async def under_faults(
    kind: type[Relay], engine, event, database: Database, kafka: Kafka, servers
) -> tuple[Difference, list[tuple[str, int, int]]]:
    """The broker is killed; while it is away, the relay is killed too, and another one started."""
    dsn = database.dsn.get_secret_value()
    writing = Writing(engine, event)
    async with running(writing):
        first = asyncio.create_task(kind(dsn, kafka).run(asyncio.Event()))
        await asyncio.sleep(1)
        servers.kill("kafka")
        await servers.stop("kafka")
        await asyncio.sleep(2)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        async with running(kind(dsn, kafka)):
            await servers.start("kafka", timeout=180)
            await asyncio.sleep(1)
    async with running(kind(dsn, kafka)):
        await eventually(lambda: nothing_pending(database), within=60)
        await asyncio.sleep(0.5)
    found = await published(kafka, event)
    difference = compare(writing.committed, {e["note"] for e in found})
    return difference, out_of_order((e["counter_id"], e["version"]) for e in found)


async def test_a_killed_broker_and_a_killed_relay_cost_neither_an_event_nor_the_order(
    engine, event, database, kafka_settings, servers
):
    difference, disorder = await under_faults(
        Relay, engine, event, database, kafka_settings, servers
    )
    assert difference.clean, difference
    assert not disorder


async def test_red_for_marking_before_the_ack(engine, event, database, kafka_settings, servers):
    difference, _ = await under_faults(
        MarkingFirstRelay, engine, event, database, kafka_settings, servers
    )
    assert difference.lost


async def end_the_leader(admin: asyncpg.Connection, database: str) -> bool:
    """End the leading relay's session; false if no relay leads at this moment."""
    ended = await admin.fetch(
        "select pg_terminate_backend(l.pid) from pg_locks l"
        " join pg_database d on d.oid = l.database"
        " where locktype = 'advisory' and granted and datname = $1",
        database,
    )
    assert len(ended) < 2, "one leader at a time"
    return len(ended) == 1


async def test_another_relay_takes_over_when_the_leader_loses_its_session(
    engine, event, database, kafka_settings, postgres
):
    dsn = database.dsn.get_secret_value()
    admin = await asyncpg.connect(postgres)
    writing = Writing(engine, event)
    async with running(Relay(dsn, kafka_settings)), running(Relay(dsn, kafka_settings)):
        async with running(writing):
            for _ in range(4):
                await eventually(lambda: end_the_leader(admin, dsn.rpartition("/")[2]))
                await asyncio.sleep(0.3)
        await eventually(lambda: nothing_pending(database), within=20)
    await admin.close()
    found = await published(kafka_settings, event)
    difference = compare(writing.committed, {e["note"] for e in found})
    assert difference.clean, difference
    assert not out_of_order((e["counter_id"], e["version"]) for e in found)


async def measured(gauge: Gauge, value: float) -> bool:
    found: float = gauge._value.get()
    return found == value


async def test_a_relay_that_is_stopped_while_the_broker_is_away_ends_at_once(
    engine, event, database, kafka_settings, servers
):
    relay = Relay(database.dsn.get_secret_value(), kafka_settings)
    try:
        async with running(relay, within=8):
            async with SampleUnitOfWork(engine, event) as uow:
                await uow.bump("a")
            await eventually(lambda: nothing_pending(database))
            await servers.stop("kafka")
            async with SampleUnitOfWork(engine, event) as uow:
                await uow.bump("a")
            await eventually(lambda: measured(OUTBOX_PENDING, 1))
    finally:
        await servers.start("kafka", timeout=180)
    assert not await nothing_pending(database)
