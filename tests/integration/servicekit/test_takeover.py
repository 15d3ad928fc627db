"""Another relay takes over within 10 s, whatever becomes of the leader's host.

Seen red without the timeouts of the leader's session: PostgreSQL then keeps the lock for hours.
"""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from integration.servicekit.test_relay_faults import Writing, nothing_pending, published
from servicekit.relay import Relay
from servicekit.settings import Database, Kafka
from support import relay_process
from support.apps import CounterBumped, SampleUnitOfWork, running
from support.checker import compare, out_of_order
from support.eventually import eventually
from support.fault_proxy import FaultProxy

TAKEOVER_SECONDS = 10


async def leaders(database: Database) -> int:
    connection = await asyncpg.connect(database.dsn.get_secret_value())
    try:
        count: int = await connection.fetchval(
            "select count(*) from pg_locks where locktype = 'advisory' and granted and database ="
            " (select oid from pg_database where datname = current_database())"
        )
        return count
    finally:
        await connection.close()


@asynccontextmanager
async def relay_in_a_process(
    database: Database, kafka: Kafka
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(Path(str(relay_process.__file__)))),
        *(database.dsn.get_secret_value(), kafka.bootstrap_servers),
    )
    try:
        await eventually(lambda: leaders(database))
        yield process
    finally:
        process.kill()
        await process.wait()


async def is_published(kafka: Kafka, event: type[CounterBumped], note: str) -> bool:
    return note in {e["note"] for e in await published(kafka, event)}


async def publishes_within(
    seconds: float, engine: AsyncEngine, event: type[CounterBumped], database: Database
) -> None:
    async with SampleUnitOfWork(engine, event) as uow:
        await uow.bump("late", "late")
    await eventually(lambda: nothing_pending(database), within=seconds)


async def test_a_paused_leader_is_replaced_and_does_no_harm_when_it_wakes_up(
    engine, event, database, kafka_settings
):
    dsn = database.dsn.get_secret_value()
    writing = Writing(engine, event)
    async with relay_in_a_process(database, kafka_settings) as leader:
        async with running(Relay(dsn, kafka_settings)), running(writing):
            await asyncio.sleep(1)
            leader.send_signal(signal.SIGSTOP)
            before = len(writing.committed)
            await eventually(
                lambda: is_published(kafka_settings, event, f"{before + 1}"),
                within=TAKEOVER_SECONDS,
            )
            leader.send_signal(signal.SIGCONT)
            await asyncio.sleep(2)
            assert await leaders(database) == 1
        async with running(Relay(dsn, kafka_settings)):
            await eventually(lambda: nothing_pending(database), within=20)
    found = await published(kafka_settings, event)
    difference = compare(writing.committed, {e["note"] for e in found})
    assert difference.clean, difference
    assert not out_of_order((e["counter_id"], e["version"]) for e in found)


async def test_a_leader_whose_packets_vanish_is_replaced(engine, event, database, kafka_settings):
    dsn = database.dsn.get_secret_value()
    head, _, tail = dsn.rpartition("@")
    host, _, name = tail.partition("/")
    address, _, port = host.partition(":")
    async with FaultProxy(address, int(port)).serving() as proxy:
        cut_off = Relay(f"{head}@127.0.0.1:{proxy.port}/{name}", kafka_settings)
        async with running(cut_off):
            await eventually(lambda: leaders(database))
            async with running(Relay(dsn, kafka_settings)):
                await publishes_within(5, engine, event, database)
                proxy.swallowing = True
                await publishes_within(TAKEOVER_SECONDS, engine, event, database)
