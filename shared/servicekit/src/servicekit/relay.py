"""Sends outbox rows to Kafka in id order, and marks a batch when all of it is acknowledged.

One relay per database is active (advisory lock); others stand by. Rows are found by state, the
presence in `outbox_pending`, so a row that commits late is never skipped. A crash between ack and
mark sends a batch twice: consumers drop the copies by their inbox.
"""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import asyncpg
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import murmur2
from pydantic_core import from_json

from servicekit.failures import DRIVER_ERRORS
from servicekit.kafka import MAX_RECORD_BYTES, connection
from servicekit.metrics import EVENTS_PUBLISHED, OUTBOX_PENDING
from servicekit.settings import Kafka

log = logging.getLogger(__name__)

_BATCH = 1_000
_BATCHES_IN_FLIGHT = 3
_BATCHES_PER_PASS = 50
_POLL_SECONDS = 0.02
_RETRY_SECONDS = 0.5
_STOP_SECONDS = 5
_STATEMENT_SECONDS = 30

_LEAD = "select pg_try_advisory_lock(hashtext('outbox-relay'))"
_READ = """
    select p.id, o.topic, o.key, o.payload, o.headers
    from (select id, created_on from outbox_pending where id > $1 order by id limit $2) p
    join outbox o using (created_on, id)
    order by p.id
"""
_COUNT = "select count(*) from (select from outbox_pending limit $1) p"
_MARK = "delete from outbox_pending where id = any($1::bigint[])"


class Relay:
    """The publishing half of the outbox, as a component of a worker process."""

    def __init__(self, dsn: str, kafka: Kafka) -> None:
        self._dsn = dsn
        self._kafka = kafka

    async def run(self, stop: asyncio.Event) -> None:
        """Publish until stopped. After any failure everything is rebuilt, the producer included."""
        while not stop.is_set():
            try:
                await _with_grace(asyncio.create_task(self._session(stop)), stop)
            except (OSError, TimeoutError, KafkaError, *DRIVER_ERRORS) as error:
                log.warning("relay starts over after %s: %s", type(error).__name__, error)
                await _pause(stop, _RETRY_SECONDS)

    async def _session(self, stop: asyncio.Event) -> None:
        reader = await asyncpg.connect(self._dsn, timeout=5, command_timeout=_STATEMENT_SECONDS)
        try:
            while not await reader.fetchval(_LEAD):
                await _pause(stop, _RETRY_SECONDS)
                if stop.is_set():
                    return
            # The batch is small and the table may be huge: never let statistics choose a scan.
            await reader.execute("set enable_hashjoin = off; set enable_mergejoin = off")
            marker = await asyncpg.connect(self._dsn, timeout=5, command_timeout=_STATEMENT_SECONDS)
            try:
                await self._lead(reader, marker, stop)
            finally:
                marker.terminate()
        finally:
            reader.terminate()

    async def _lead(
        self, reader: asyncpg.Connection, marker: asyncpg.Connection, stop: asyncio.Event
    ) -> None:
        producer = create_producer(self._kafka)
        try:
            OUTBOX_PENDING.set(await reader.fetchval(_COUNT, _BATCH))
            await producer.start()
            while not stop.is_set():
                if not await self._pass(reader, marker, producer):
                    await _pause(stop, _POLL_SECONDS)
        finally:
            await _abandon(producer)

    async def _pass(
        self, reader: asyncpg.Connection, marker: asyncpg.Connection, producer: AIOKafkaProducer
    ) -> int:
        """Publish what is pending, from the lowest id on; returns how many rows.

        The next batch is read and sent while the last ones' acks and marks are awaited. A pass is
        bounded, because only its beginning sees rows that committed late with a low id.
        """
        in_flight: deque[asyncio.Task[None]] = deque()
        marking = asyncio.Lock()
        last_id = published = 0
        try:
            for _ in range(_BATCHES_PER_PASS):
                rows = await reader.fetch(_READ, last_id, _BATCH)
                OUTBOX_PENDING.set(len(rows))
                if rows:
                    acks = [await _send(producer, row) for row in rows]
                    in_flight.append(asyncio.create_task(_settle(rows, acks, marker, marking)))
                    last_id, published = rows[-1]["id"], published + len(rows)
                while len(in_flight) > (_BATCHES_IN_FLIGHT if len(rows) == _BATCH else 0):
                    await in_flight[0]
                    in_flight.popleft()
                if len(rows) < _BATCH:
                    break
            while in_flight:
                await in_flight[0]
                in_flight.popleft()
        finally:
            for task in in_flight:
                task.cancel()
        return published


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
    )


@lru_cache(maxsize=20_000)
def _hash(key: bytes) -> int:
    """Kafka's hash of a key. Cached: computing it in Python takes a third of the time of a send."""
    return int(murmur2(key)) & 0x7FFFFFFF


def partition_of(key: bytes, partitions: Sequence[int], available: Sequence[int]) -> int:
    """The partition that every Kafka client's default partitioner gives a key."""
    return partitions[_hash(key) % len(partitions)]


async def _send(producer: AIOKafkaProducer, row: asyncpg.Record) -> "asyncio.Future[Any]":
    headers = [(name, text.encode()) for name, text in from_json(row["headers"]).items()]
    future: asyncio.Future[Any] = await producer.send(
        row["topic"], row["payload"], key=row["key"].encode(), headers=headers
    )
    return future


async def _settle(
    rows: Sequence[asyncpg.Record],
    acks: Sequence["asyncio.Future[Any]"],
    marker: asyncpg.Connection,
    marking: asyncio.Lock,
) -> None:
    """Mark the rows once every one of them is acknowledged; raises if any is not."""
    outcomes = await asyncio.gather(*acks, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    async with marking:
        await marker.execute(_MARK, [row["id"] for row in rows])
    for topic, count in Counter(row["topic"] for row in rows).items():
        EVENTS_PUBLISHED.labels(topic).inc(count)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


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
