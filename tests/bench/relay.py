"""How fast the relay is beside a bare producer and beside faststream-outbox, and what it keeps.

The bare producer sends the same records from memory; the relay also reads them from PostgreSQL
and marks them there. Each run's topic is read back: every record there once, in order per key.
"""

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.figures import Counter, Say, Section, compare, interleave
from bench.library_relay import LibraryRelay
from contracts import Message
from contracts.envelope import TIME_HEADER
from contracts.registry import Topic
from devstack import Stack
from servicekit import metrics, migrations, outbox
from servicekit.db import create_engine
from servicekit.kafka import ensure_topics
from servicekit.relay import Relay, partition_of
from servicekit.settings import Database, Kafka
from support.apps import MIGRATIONS, unique
from support.databases import create_database, drop_database
from support.eventually import eventually

KEYS, PAYLOAD_BYTES, PARTITIONS = 200, 400, 6
CHUNK, CHUNKS_IN_FLIGHT = 1_000, 3  # records; as the relay does
Partitioner = Callable[..., int]
UNIT = "rows/s"
BARE, BARE_TUNED, RELAY = "bare aiokafka producer", "bare, relay's partitioner", "relay"
LIBRARY, LIBRARY_TUNED = "faststream-outbox", "the same, tuned, 32 workers"


@dataclass
class Found:
    """What the runs' topics held beside what they should."""

    missing: int = 0
    doubled: int = 0
    inversions: int = 0


def records(count: int) -> list[Message]:
    """`count` events of `KEYS` aggregates in turn, `PAYLOAD_BYTES` bytes each, as services send."""
    now, keys = datetime.now(UTC), [str(uuid4()) for _ in range(KEYS)]
    return [
        Message(
            id=uuid4(),
            type="sample.counter.bumped.v1",
            source="/sample",
            time=now,
            subject=keys[number % KEYS],
            data=json.dumps({"number": number, "fill": ""})
            .replace('""', f'"{"x" * (PAYLOAD_BYTES - 28 - len(str(number)))}"')
            .encode(),
            traceparent=f"00-{uuid4().hex}-{uuid4().hex[:16]}-01",
        )
        for number in range(count)
    ]


class Bench:
    """One broker and one database; every run has a topic of its own."""

    def __init__(self, kafka: str, database: Database, engine: AsyncEngine) -> None:
        self.kafka, self.database, self.engine = kafka, database, engine
        self.found: dict[str, Found] = {}
        self.kept = 0
        self.cpu: dict[str, list[float]] = {}

    async def topic(self) -> str:
        name = unique("bench.relay-")
        topic = Topic(name, "bench", "internal", PARTITIONS)
        await ensure_topics(Kafka(bootstrap_servers=self.kafka), [topic])
        return name

    async def bare(
        self, events: Sequence[Message], partitioner: Callable[..., int] | None = None
    ) -> float:
        """Sent in sequence, acknowledgements awaited in bulk behind: the fastest use of `send`.

        Awaiting those of a whole run at once was a fifth slower.
        """
        topic, count = await self.topic(), len(events)
        producer = AIOKafkaProducer(
            bootstrap_servers=self.kafka,
            acks="all",
            enable_idempotence=True,
            linger_ms=2,
            max_batch_size=128 * 1024,
            **({"partitioner": partitioner} if partitioner else {}),
        )
        ready = [
            (m.subject.encode(), m.data, [(k, v.encode()) for k, v in m.headers().items()])
            for m in events
        ]
        await producer.start()
        try:
            started, cpu = time.perf_counter(), time.process_time()
            in_flight: deque[asyncio.Future[list[object]]] = deque()
            for at in range(0, count, CHUNK):
                chunk = ready[at : at + CHUNK]
                acks = [await producer.send(topic, data, key, headers=h) for key, data, h in chunk]
                in_flight.append(asyncio.gather(*acks))
                if len(in_flight) > CHUNKS_IN_FLIGHT:
                    await in_flight.popleft()
            await asyncio.gather(*in_flight)
            seconds = time.perf_counter() - started
            self._note_cpu(BARE_TUNED if partitioner else BARE, cpu, count)
        finally:
            await producer.stop()
        return count / seconds

    async def relay(self, events: Sequence[Message]) -> float:
        """From the commit that makes all rows visible to a leading relay, until all are marked."""
        topic, count = await self.topic(), len(events)
        stop = asyncio.Event()
        kafka = Kafka(bootstrap_servers=self.kafka)
        running = asyncio.create_task(Relay(self.database.dsn.get_secret_value(), kafka).run(stop))
        published = metrics.EVENTS_PUBLISHED.labels(topic)
        async with self.engine.connect() as connection:
            for at in range(0, count, 2_000):
                rows = [
                    (m.id, m.type, topic, m.subject, m.data, m.headers())
                    for m in events[at : at + 2_000]
                ]
                await outbox.write_raw(connection, rows, TIME_HEADER)
            started, cpu = time.perf_counter(), time.process_time()
            await connection.commit()

        async def all_published() -> bool:
            return _value(published) >= count

        try:
            await eventually(all_published, within=60, pause=0.005)
            seconds = time.perf_counter() - started
            self._note_cpu(RELAY, cpu, count)
        finally:
            stop.set()
            await running
        await self.check(RELAY, topic, count)
        await self.check_kept(topic, count)
        return count / seconds

    async def library(self, name: str, events: Sequence[Message], workers: int) -> float:
        """The same for the library's relay, in its own table."""
        topic = await self.topic()
        library = LibraryRelay(self.database, self.kafka, topic, workers)
        seconds = await library.publish(events)
        await self.check(name, topic, len(events))
        return len(events) / seconds

    def _note_cpu(self, name: str, before: float, count: int) -> None:
        """This process's own time, which hardly depends on who else is busy."""
        used = time.process_time() - before
        self.cpu.setdefault(name, []).append(1e6 * used / count)

    async def check(self, name: str, topic: str, count: int) -> None:
        """Read the topic back and add up what is wrong with it."""
        consumer = AIOKafkaConsumer(
            topic, bootstrap_servers=self.kafka, auto_offset_reset="earliest"
        )
        await consumer.start()
        found, last = self.found.setdefault(name, Found()), dict[bytes, int]()
        seen: list[int] = []

        async def read_on(timeout_ms: int = 0) -> bool:
            for batch in (await consumer.getmany(timeout_ms=timeout_ms)).values():
                for record in batch:
                    number = json.loads(record.value)["number"]
                    found.inversions += number < last.get(record.key, -1)
                    last[record.key] = number
                    seen.append(number)
            return len(set(seen)) >= count

        try:
            with suppress(AssertionError):  # Missing records are counted below.
                await eventually(read_on, within=30)
            await read_on(timeout_ms=200)
        finally:
            await consumer.stop()
        found.missing += count - len(set(seen))
        found.doubled += len(seen) - len(set(seen))

    async def check_kept(self, topic: str, count: int) -> None:
        """Count what the outbox no longer holds, then make room for the next run."""
        async with self.engine.begin() as connection:
            kept = await connection.scalar(
                text("select count(*) from outbox where topic = :topic"), {"topic": topic}
            )
            pending = await connection.scalar(text("select count(*) from outbox_pending"))
        self.kept += (kept or 0) - count - (pending or 0)


def _value(counter: object) -> float:
    return float(counter._value.get())  # type: ignore[attr-defined]  # no public reader


async def measure(stack: Stack, quick: bool, say: Say) -> Section:
    """The part `relay` of the bench."""
    say("relay: a database of its own")
    admin, name = stack.env["POSTGRES_ADMIN_DSN"], unique("bench_")
    database = await create_database(admin, name)
    engine = create_engine(database)
    try:
        await asyncio.to_thread(migrations.upgrade, MIGRATIONS, database)
        await LibraryRelay.create_table(database)
        bench = Bench(stack.env["KAFKA_BOOTSTRAP_SERVERS"], database, engine)
        return await _measure(bench, quick, say)
    finally:
        await engine.dispose()
        await drop_database(admin, name)


async def _measure(bench: Bench, quick: bool, say: Say) -> Section:
    count, few, some = (30_000, 200, 1_000) if quick else (60_000, 500, 3_000)
    rounds, events = (2 if quick else 4), records(count)
    results = await interleave(
        {
            RELAY: lambda: bench.relay(events),
            BARE: lambda: bench.bare(events),
            BARE_TUNED: lambda: bench.bare(events, partition_of),
            LIBRARY: lambda: bench.library(LIBRARY, events[:few], 1),
            LIBRARY_TUNED: lambda: bench.library(LIBRARY_TUNED, events[:some], 32),
        },
        rounds,
        say,
    )
    found = bench.found[RELAY]
    return Section(
        "relay: outbox rows to Apache Kafka",
        f"{rounds} rounds of {count} rows ({few} and {some} for faststream-outbox) of "
        f"{PAYLOAD_BYTES} bytes with 10 headers, {KEYS} keys, {PARTITIONS} partitions, acks=all, "
        "idempotent, one process.",
        [
            *compare(results, UNIT, {BARE: 0.7}),
            *compare({n: runs[-rounds:] for n, runs in bench.cpu.items()}, "CPU us/row", {}),
        ],
        [
            Counter("relay: records missing in Kafka", found.missing, 0),
            Counter("relay: records twice in Kafka", found.doubled, 0),
            Counter("relay: inversions of the order per key", found.inversions, 0),
            Counter("relay: published rows no longer in the outbox", -bench.kept, 0),
            Counter(f"{LIBRARY_TUNED}: inversions", bench.found[LIBRARY_TUNED].inversions),
        ],
    )
