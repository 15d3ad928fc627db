"""How long an event takes: from the commit that records it to the commit of a consumer's effect.

Relay and consumer run in processes of their own, as the services' workers do. All read the same
monotonic clock, so that times of different processes can be subtracted.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from statistics import quantiles
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.figures import Counter, Measure, Say, Section
from contracts.registry import Topic
from devstack import Stack
from servicekit import migrations
from servicekit.db import create_engine
from servicekit.kafka import ensure_topics
from servicekit.settings import Database, Kafka
from support.apps import MIGRATIONS, CounterBumped, SampleUnitOfWork, counter_bumped, unique
from support.databases import create_database, drop_database
from support.eventually import eventually

IDLE_PAUSE = 0.11  # seconds; not a multiple of the relay's poll, so that phases vary
LOADED_PAUSE = 1 / 200


class Flow:
    """One running pair of relay and consumer, and the clock readings at both ends."""

    def __init__(self, engine: AsyncEngine, event: type[CounterBumped]) -> None:
        self.engine, self.event = engine, event
        self.room = asyncio.Semaphore(10)  # as many as the pool has connections
        self.committed: dict[str, float] = {}
        self.effective: dict[str, float] = {}
        self.rates: list[float] = []  # commits/s of each run

    async def send(self) -> None:
        """One command: a counter goes up, its event is recorded, both are committed."""
        note = uuid4().hex
        async with self.room, SampleUnitOfWork(self.engine, self.event) as uow:
            await uow.bump(f"counter-{note[:2]}", note)
        self.committed[note] = time.monotonic()

    async def listen(self, output: asyncio.StreamReader) -> None:
        """Take down when the consumer says that effects were committed."""
        while line := await output.readline():
            reported = json.loads(line)
            self.effective.update(dict.fromkeys(reported["notes"], reported["at"]))

    async def milliseconds(self, count: int, pause: float) -> list[float]:
        """Send `count` events, one every `pause` seconds whether or not the last is through."""
        self.committed.clear()
        loop, sending = asyncio.get_running_loop(), set()
        begun = loop.time()
        for number in range(count):
            await asyncio.sleep(max(0.0, begun + number * pause - loop.time()))
            sending.add(asyncio.create_task(self.send()))
        await asyncio.gather(*sending)
        self.rates.append(count / (loop.time() - begun))

        async def all_effective() -> bool:
            return self.committed.keys() <= self.effective.keys()

        await eventually(all_effective, within=30)
        return [1_000 * (self.effective[n] - at) for n, at in self.committed.items()]


@asynccontextmanager
async def child(
    role: str, database: Database, kafka: str, prefix: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process of `bench.flow_process`, ended with the block."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.flow_process", role, kafka, prefix),
        env={"BENCH_DSN": database.dsn.get_secret_value(), "PYTHONPATH": ":".join(sys.path)},
        stdout=asyncio.subprocess.PIPE,
        limit=2**24,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 15)
        except TimeoutError:
            process.kill()
            await process.wait()


@asynccontextmanager
async def flow(stack: Stack) -> AsyncIterator[tuple[Flow, int, int]]:
    """On a database of its own, with the process ids of its relay and its consumer."""
    admin, name, prefix = stack.env["POSTGRES_ADMIN_DSN"], unique("bench_"), unique("bench")
    kafka, event = stack.env["KAFKA_BOOTSTRAP_SERVERS"], counter_bumped(prefix)
    database = await create_database(admin, name)
    engine = create_engine(database)
    try:
        await asyncio.to_thread(migrations.upgrade, MIGRATIONS, database)
        topic = Topic(event.TOPIC, "bench", "internal", 6)
        await ensure_topics(Kafka(bootstrap_servers=kafka), [topic])
        made = Flow(engine, event)
        async with (
            child("relay", database, kafka, prefix) as relay,
            child("consumer", database, kafka, prefix) as consumer,
        ):
            assert consumer.stdout
            listening = asyncio.create_task(made.listen(consumer.stdout))
            yield made, relay.pid, consumer.pid
            listening.cancel()
    finally:
        await engine.dispose()
        await drop_database(admin, name)


async def measure(stack: Stack, quick: bool, say: Say) -> Section:
    """The part `latency` of the bench."""
    say("latency: a database, a relay and a consumer of its own")
    async with flow(stack) as (made, *_):
        return await _measure(made, quick, say)


async def _measure(flow: Flow, quick: bool, say: Say) -> Section:
    rounds, idle_count, seconds = (2, 40, 4) if quick else (3, 90, 8)
    say("latency: warm-up")
    await flow.milliseconds(400, LOADED_PAUSE)
    idle, loaded, sent = [], [], 400
    for number in range(rounds):
        say(f"latency: idle and at 200 events/s, run {number + 1} of {rounds}")
        idle.append(await flow.milliseconds(idle_count, IDLE_PAUSE))
        loaded.append(await flow.milliseconds(int(seconds / LOADED_PAUSE), LOADED_PAUSE))
        sent += len(idle[-1]) + len(loaded[-1])
    async with flow.engine.connect() as connection:
        effects = await connection.scalar(text("select count(*) from effects")) or 0
    return Section(
        "latency: from commit to the consumer's committed effect",
        f"{rounds} rounds of {idle_count} single events {1_000 * IDLE_PAUSE:.0f} ms apart, and of "
        f"{seconds} s with 200 commits/s; writer, relay and consumer are three processes.",
        [
            *_percentiles("idle", idle),
            *_percentiles("at 200 events/s", loaded),
            Measure("reached", "commits/s", flow.rates[2::2]),
        ],
        [Counter("latency: events sent less effects committed", abs(sent - effects), 0)],
    )


def _percentiles(name: str, rounds: Sequence[Sequence[float]]) -> list[Measure]:
    cuts = [quantiles(values, n=100, method="inclusive") for values in rounds]
    return [
        Measure(f"{name}, p50", "ms", [cut[49] for cut in cuts]),
        Measure(f"{name}, p99", "ms", [cut[98] for cut in cuts]),
    ]
