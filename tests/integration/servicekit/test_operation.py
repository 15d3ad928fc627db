"""What processes say of themselves, on real PostgreSQL and Kafka."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from servicekit.backlog_metrics import backlog_metrics
from servicekit.consumer import Consumer
from servicekit.consumer_group import EventMeta
from servicekit.dead_letter_topic import alone
from servicekit.heartbeat import Heartbeat
from servicekit.lag import Lag
from servicekit.operation import Backlog, GroupBody, Operation, look, outbox_backlog
from servicekit.reach import Reach
from servicekit.relay import Relay
from servicekit.settings import Kafka
from support.apps import CounterBumped, SampleUnitOfWork, running
from support.eventually import eventually
from support.ports import free_port

Bump = Callable[[], Awaitable[None]]


@pytest.fixture
def bump(engine: AsyncEngine, event: type[CounterBumped]) -> Bump:
    async def one() -> None:
        async with SampleUnitOfWork(engine, event) as uow:
            await uow.bump("a")

    return one


async def seen(engine: AsyncEngine) -> Operation:
    async with engine.connect() as connection:
        return await look(connection, ["api", "worker"])


async def silent(engine: AsyncEngine, seconds: int) -> None:
    """Let every process be silent for longer."""
    async with engine.begin() as connection:
        await connection.execute(
            text(
                "update processes set seen_at = seen_at - make_interval(secs => :s),"
                " started_at = started_at - make_interval(secs => :s)"
            ),
            {"s": seconds},
        )


async def test_a_process_that_runs_is_seen_and_one_that_stops_is_not_missed(
    engine: AsyncEngine,
) -> None:
    assert (await seen(engine)).roles_without_process == ["api", "worker"]

    async def there() -> Operation:
        found = await seen(engine)
        assert len(found.processes) == 1
        return found

    async with running(Heartbeat(engine, "sample", ["api"])):
        found = await eventually(there)
        [process] = found.processes
        assert (process.name, process.state) == ("sample-api", "running")
        assert [(one.server, one.away_since) for one in process.servers] == [("postgresql", None)]
        assert found.roles_without_process == ["worker"]
    assert (await seen(engine)).processes == []


async def test_a_process_that_ended_is_away_until_another_has_its_place(
    engine: AsyncEngine,
) -> None:
    first = Heartbeat(engine, "sample", ["api", "worker"])
    await first.beat()
    await silent(engine, 29)
    assert [one.state for one in (await seen(engine)).processes] == ["running"]
    await silent(engine, 2)
    found = await seen(engine)
    assert [one.state for one in found.processes] == ["away"]
    assert found.roles_without_process == ["api", "worker"]
    await Heartbeat(engine, "sample", ["api", "worker"]).beat()
    found = await seen(engine)
    assert [one.state for one in found.processes] == ["replaced", "running"]
    assert found.roles_without_process == []
    await first.beat()
    assert [one.state for one in (await seen(engine)).processes] == ["running", "running"]


async def test_one_newcomer_replaces_one_process_only(engine: AsyncEngine) -> None:
    workers = [Heartbeat(engine, "sample", ["worker"]) for _ in range(2)]
    for worker in (*workers, *workers):
        await worker.beat()
    await Heartbeat(engine, "sample", ["api"]).beat()
    await silent(engine, 60)
    await Heartbeat(engine, "sample", ["worker"]).beat()
    states = [(one.name, one.state) for one in (await seen(engine)).processes]
    assert sorted(states) == [
        ("sample-api", "away"),
        ("sample-worker", "away"),
        ("sample-worker", "replaced"),
        ("sample-worker", "running"),
    ]


async def test_a_process_is_listed_for_an_hour(engine: AsyncEngine) -> None:
    await Heartbeat(engine, "sample", ["worker"]).beat()
    await silent(engine, 3_590)
    await Heartbeat(engine, "sample", ["api"]).beat()
    assert len((await seen(engine)).processes) == 2
    await silent(engine, 20)
    await Heartbeat(engine, "sample", ["api"]).beat()
    assert {one.name for one in (await seen(engine)).processes} == {"sample-api"}


async def test_a_server_is_away_since_it_first_did_not_answer(engine: AsyncEngine) -> None:
    answers = [True]

    async def ask() -> None:
        if not answers[0]:
            raise ConnectionError

    beat = Heartbeat(engine, "sample", ["worker"], [Reach("temporal", ask)]).beat

    async def away_since() -> object:
        await beat()
        [process] = (await seen(engine)).processes
        assert [one.server for one in process.servers] == ["postgresql", "temporal"]
        return process.servers[1].away_since

    def measured() -> list[float | None]:
        servers = ("postgresql", "temporal")
        return [REGISTRY.get_sample_value("server_up", {"server": one}) for one in servers]

    assert await away_since() is None
    assert measured() == [1, 1]
    answers[0] = False
    first = await away_since()
    assert measured() == [1, 0]
    assert isinstance(first, type((await seen(engine)).as_of))
    await asyncio.sleep(0.3)
    again = await away_since()
    assert abs((again - first).total_seconds()) < 0.1  # type: ignore[operator]
    answers[0] = True
    assert await away_since() is None


async def test_its_own_database_is_measured_too() -> None:
    nowhere = create_async_engine("postgresql+asyncpg://nobody@127.0.0.1:9/none")
    with pytest.raises(ConnectionRefusedError):
        await Heartbeat(nowhere, "sample", ["worker"]).beat()
    assert REGISTRY.get_sample_value("server_up", {"server": "postgresql"}) == 0


async def test_what_waits_is_measured(engine: AsyncEngine, event: type[CounterBumped]) -> None:
    async def backlogs(uow: SampleUnitOfWork) -> list[Backlog]:
        now = await uow.now()
        return [
            Backlog(kind="letters", count=3, oldest_at=now - timedelta(seconds=40)),
            Backlog(kind="parcels", count=0),
        ]

    await backlog_metrics(lambda: SampleUnitOfWork(engine, event), backlogs).job()
    for kind, count, oldest in (("letters", 3, 40), ("parcels", 0, 0)):
        assert REGISTRY.get_sample_value("backlog_items", {"kind": kind}) == count
        assert REGISTRY.get_sample_value("backlog_oldest_seconds", {"kind": kind}) == oldest


async def test_a_server_that_never_answers_does_not_hold_up_the_row(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("servicekit.reach._ANSWER_SECONDS", 0.1)

    async def hang() -> None:
        await asyncio.sleep(60)

    async with asyncio.timeout(5):
        await Heartbeat(engine, "sample", ["worker"], [Reach("smtp", hang)]).beat()
    [process] = (await seen(engine)).processes
    assert process.servers[1].away_since


async def test_events_that_wait_to_be_published(engine: AsyncEngine, bump: Bump) -> None:
    async def waiting() -> tuple[int, float | None]:
        async with engine.connect() as connection:
            now = (await look(connection, [])).as_of
            found = await outbox_backlog(connection, now)
            oldest = found.oldest_at
            return found.count, (now - oldest).total_seconds() if oldest else None

    assert await waiting() == (0, None)
    await bump()
    await asyncio.sleep(0.5)
    await bump()
    count, age = await waiting()
    assert count == 2
    assert age is not None
    assert 0.5 <= age < 20


class Worker:
    """A consumer whose handler can be held up, with its heartbeat."""

    def __init__(self, engine: AsyncEngine, kafka: Kafka) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.broken = False
        self._engine, self._kafka = engine, kafka

    async def handle(self, event: CounterBumped, uow: SampleUnitOfWork, meta: EventMeta) -> None:
        await self.open.wait()
        if self.broken:
            raise ValueError("a sample fault")
        await uow.effect(event, meta)

    @asynccontextmanager
    async def running(self, consumer: Consumer) -> AsyncIterator[None]:
        lag = Lag(self._kafka, consumer.progress)
        self.beat = Heartbeat(self._engine, "sample", ["worker"], lag=lag).beat
        async with running(consumer):
            yield
            self.open.set()
        await lag.close()

    async def group(self) -> GroupBody:
        await self.beat()
        [found] = (await seen(self._engine)).groups
        return found


async def test_a_worker_that_is_held_up_falls_behind_and_catches_up(
    engine: AsyncEngine, flow, relay: Relay, kafka_settings: Kafka, bump: Bump
) -> None:
    worker = Worker(engine, kafka_settings)

    async def reads_all() -> bool:
        found = await worker.group()
        assert (found.partitions, found.records, found.seconds) == (4, 0, 0.0)
        return True

    async def is_behind() -> GroupBody:
        found = await worker.group()
        assert found.records == 3
        assert found.seconds is not None
        assert 1 < found.seconds < 30
        return found

    async def has_caught_up() -> bool:
        found = await worker.group()
        assert (found.records, found.seconds) == (0, 0.0)
        assert found.handled_per_minute == 3
        assert (await seen(engine)).published_per_minute == 3
        return True

    async with running(relay), worker.running(flow(worker.handle)):
        await eventually(reads_all, within=30)
        worker.open.clear()
        for _ in range(3):
            await bump()
        await eventually(is_behind, within=30)
        worker.open.set()
        await eventually(has_caught_up, within=30)


async def test_dead_letters_that_wait_are_counted(
    engine: AsyncEngine, flow, relay: Relay, kafka_settings: Kafka, bump: Bump
) -> None:
    worker = Worker(engine, kafka_settings)
    worker.broken = True

    async def waits(count: int) -> bool:
        assert (await worker.group()).dead_letters == count
        return True

    consumer = flow(worker.handle)
    async with running(relay), worker.running(consumer):
        for _ in range(3):
            await bump()
        await eventually(lambda: waits(3), within=30)
        async with alone(kafka_settings, consumer.progress[0].group.name) as letters:
            _, second, third = letters.waiting
            await letters.discard(third)
            await letters.discard(second)
            await eventually(lambda: waits(1), within=30)
            await letters.discard(letters.waiting[0])
        await eventually(lambda: waits(0), within=30)
        async with alone(kafka_settings, consumer.progress[0].group.name) as letters:
            assert letters._end == 0, "nothing is left, not even what says that they were handled"


async def test_without_kafka_a_worker_says_since_when(engine: AsyncEngine, flow) -> None:
    nowhere = Kafka(bootstrap_servers=f"127.0.0.1:{free_port()}")
    await Heartbeat(engine, "sample", ["worker"], lag=Lag(nowhere, flow().progress)).beat()
    found = await seen(engine)
    assert [(one.server, bool(one.away_since)) for one in found.processes[0].servers] == [
        ("kafka", True),
        ("postgresql", False),
    ]
    [group] = found.groups
    assert (group.records, group.seconds, group.dead_letters) == (None, None, None)
