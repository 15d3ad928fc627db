"""Sends outbox rows to Kafka in id order, and marks them when they are acknowledged.

One relay per database is active (`servicekit.leadership`); others stand by. Rows are found by
state, the presence in `outbox_pending`, so a row that commits late is never skipped. A crash
between ack and mark sends rows twice: consumers drop the copies by their inbox.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import aclosing
from functools import lru_cache
from typing import Any

import asyncpg
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import murmur2

from servicekit import leadership
from servicekit.failures import DRIVER_ERRORS
from servicekit.kafka import MAX_RECORD_BYTES, METADATA_MAX_AGE_MS, connection
from servicekit.lanes import HeldUp, Lanes
from servicekit.leadership import Leadership
from servicekit.metrics import RELAY_LEADING
from servicekit.settings import Kafka

log = logging.getLogger(__name__)

_BATCH = 1_000
_BATCHES_PER_PASS = 50
_POLL_SECONDS = 0.03
_RETRY_SECONDS = 0.5
_START_SECONDS = 10
_STOP_SECONDS = 5

# Asked many times a second. The events themselves lie in partitions, one for each day.
_ANY = "select 1 from outbox_pending order by id limit 1"
_READ = """
    select p.id, o.topic, o.key, o.payload, o.headers
    from (select id, created_on from outbox_pending where id > $1 order by id limit $2) p
    join outbox o using (created_on, id)
    order by p.id
"""
# While topics are held up, the rows of all others are looked for among theirs.
_READ_OPEN = """
    select p.id, o.topic, o.key, o.payload, o.headers
    from outbox_pending p join outbox o using (created_on, id)
    where p.id > $1 and o.topic <> all($3::text[])
    order by p.id limit $2
"""


class Relay:
    """The publishing half of the outbox, as a component of a worker process."""

    def __init__(self, dsn: str, kafka: Kafka) -> None:
        self._dsn = dsn
        self._kafka = kafka
        self._held_up = HeldUp()
        self._lanes: Lanes | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Publish until stopped. After any failure everything is rebuilt, the producer included."""
        while not stop.is_set():
            try:
                await _with_grace(asyncio.create_task(self._session(stop)), stop)
            except (OSError, TimeoutError, KafkaError, *DRIVER_ERRORS) as error:
                log.warning("relay starts over after %s: %s", type(error).__name__, error)
                await _pause(stop, _RETRY_SECONDS)

    async def _session(self, stop: asyncio.Event) -> None:
        async with leadership.candidate(self._dsn) as candidate:
            standing_by = False
            while not await candidate.try_lead():
                if not standing_by:
                    log.info("relay is standing by")
                standing_by = True
                await candidate.measure()
                await _pause(stop, _RETRY_SECONDS)
                if stop.is_set():
                    return
            log.info("relay is leading")
            RELAY_LEADING.set(1)
            await _first_to_end(candidate.beat(), self._lead(candidate, stop))

    async def _lead(self, leader: Leadership, stop: asyncio.Event) -> None:
        reader = await leadership.connect(self._dsn)
        producer = create_producer(self._kafka)
        leader.fence(producer)
        try:
            # The batch is small and the table may be huge: never let statistics choose a scan.
            await reader.execute("set enable_hashjoin = off; set enable_mergejoin = off")
            async with asyncio.timeout(_START_SECONDS):
                await producer.start()
            self._lanes = Lanes(producer, leader, self._held_up)
            while not stop.is_set():
                leader.check()
                waiting = await reader.fetchval(_ANY)
                if not waiting or not await self._pass(reader, leader, producer):
                    await _pause(stop, _POLL_SECONDS)
        finally:
            if self._lanes:
                self._lanes.cancel()
            reader.terminate()
            await _abandon(producer)

    async def _pass(
        self, reader: asyncpg.Connection, marker: Leadership, producer: AIOKafkaProducer
    ) -> int:
        """Publish what is pending, from the lowest id on; returns how many rows.

        The next batch is read and sent while the last ones' acks and marks are awaited.
        """
        assert self._lanes
        sent = 0
        async with aclosing(self._batches(reader, self._lanes.closed())) as batches:
            async for rows in batches:
                sent += await self._lanes.send(rows)
        await self._lanes.finish()
        return sent

    async def _batches(
        self, reader: asyncpg.Connection, closed: Sequence[str]
    ) -> AsyncGenerator[Sequence[asyncpg.Record]]:
        """What is pending, in batches that see the same state of the table.

        A row that commits late with a low id comes before a later one of its key, if both are seen.
        """
        statement, arguments = (_READ_OPEN, [closed]) if closed else (_READ, [])
        rows = await reader.fetch(statement, 0, _BATCH, *arguments)
        if len(rows) < _BATCH:
            yield rows
            return
        async with reader.transaction(isolation="repeatable_read", readonly=True):
            last_id = 0
            for _ in range(_BATCHES_PER_PASS):
                rows = await reader.fetch(statement, last_id, _BATCH, *arguments)
                yield rows
                if len(rows) < _BATCH:
                    return
                last_id = rows[-1]["id"]


def create_producer(kafka: Kafka) -> AIOKafkaProducer:
    """The only kind of producer that may write events."""
    return AIOKafkaProducer(
        **connection(kafka),
        acks="all",
        enable_idempotence=True,
        linger_ms=2,
        max_batch_size=128 * 1024,
        max_request_size=MAX_RECORD_BYTES,
        partitioner=partition_of,
        request_timeout_ms=kafka.request_timeout_ms,
        metadata_max_age_ms=METADATA_MAX_AGE_MS,
    )


@lru_cache(maxsize=20_000)
def _hash(key: bytes) -> int:
    """Kafka's hash of a key. Cached: computing it in Python takes a third of the time of a send."""
    return int(murmur2(key)) & 0x7FFFFFFF


def partition_of(key: bytes, partitions: Sequence[int], available: Sequence[int]) -> int:
    """The partition that every Kafka client's default partitioner gives a key."""
    return partitions[_hash(key) % len(partitions)]


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


async def _first_to_end(*parts: Coroutine[Any, Any, None]) -> None:
    """Run all until one ends; raises what it raised, and ends the others."""
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=2 * _STOP_SECONDS)


async def _with_grace(session: "asyncio.Task[None]", stop: asyncio.Event) -> None:
    """Wait for the session; once stopped, a few seconds only. What is not marked stays pending."""
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({session, stopping}, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait({session}, timeout=_STOP_SECONDS)
        if session.done():
            session.result()
    finally:
        stopping.cancel()
        session.cancel()
        await asyncio.wait({session}, timeout=_STOP_SECONDS)


async def _abandon(producer: AIOKafkaProducer) -> None:
    """Close without a flush: after a failure, what is buffered would overtake what has failed."""
    try:
        async with asyncio.timeout(_STOP_SECONDS):
            if sending := producer._sender.sender_task:
                sending.cancel()
            await producer.client.close()
            await producer.stop()
    except Exception as error:
        log.info("producer was not closed cleanly: %s", type(error).__name__)
