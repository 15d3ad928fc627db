"""Counters that no machine changes: SQL statements per command, Kafka records per event, Temporal
history events per unit. `baseline.json` holds the most that each may be; test_counters.py gates it.
"""

import asyncio
import json
import os
import tempfile
from base64 import urlsafe_b64encode
from collections import Counter as Counts
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic import SecretStr

import devstack
from assessment_service.bootstrap import Assessment
from assessment_service.domain.round import Unit
from bench import answers, growth, rollout
from bench.database import migrated_database
from bench.figures import Counter, Say, Section
from bench.sql_counter import SqlCounter, counted
from bench.waves import UNITS, Design
from contracts.registry import Topic
from devstack import Stack
from servicekit.consumer import Consumer
from servicekit.db import create_engine
from servicekit.kafka import ensure_topics
from servicekit.relay import Relay
from servicekit.settings import Database, Kafka
from support.apps import (
    MIGRATIONS,
    Bumped,
    SampleUnitOfWork,
    counter_bumped,
    running,
    subscribe,
    unique,
)
from support.eventually import eventually
from workflow_service.temporal.engine import connect

BASELINE = Path(__file__).with_name("baseline.json")
EVENTS = 100
OTHER_UNIT = "akutenheten"
UNIT = "rehabenheten"  # the unit of the development issuer's persona `employee`


def baseline() -> dict[str, float]:
    """Counter > the most that it may be."""
    found: dict[str, float] = json.loads(BASELINE.read_text(encoding="utf-8"))
    return found


@asynccontextmanager
async def counted_database(
    stack: Stack, folder: Path
) -> AsyncIterator[tuple[Database, SqlCounter]]:
    """A migrated database whose app role is counted."""
    async with (
        migrated_database(stack, folder) as database,
        counted(database.dsn.get_secret_value()) as counter,
    ):
        yield database.model_copy(update={"dsn": SecretStr(counter.dsn)}), counter


class Commands:
    """The assessment service in this process, and what its commands send to PostgreSQL."""

    def __init__(self, issuer: str, client: httpx.AsyncClient, counter: SqlCounter) -> None:
        self._issuer, self._client, self._counter = issuer, client, counter

    async def cost(self, persona: str, method: str, path: str, body: Mapping[str, Any]) -> int:
        """Statements of one request, after the same request has warmed everything up."""
        await self.send(persona, method, path, body)
        before = self._counter.executed.copy()
        await self.send(persona, method, path, body)
        return self._counter.since(before).total()

    async def send(self, persona: str, method: str, path: str, body: Mapping[str, Any]) -> Any:
        """The answer's body. Every request has an idempotency key of its own."""
        token = await asyncio.to_thread(devstack.token, self._issuer, persona)
        headers = {"authorization": f"Bearer {token}", "idempotency-key": str(uuid4())}
        answer = await self._client.request(method, path, json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer.json()


async def commands(stack: Stack) -> dict[str, float]:
    """SQL statements per command of the assessment service."""
    async with AsyncExitStack() as exits:
        keys = Path(exits.enter_context(tempfile.TemporaryDirectory()))
        database, counter = await exits.enter_async_context(
            counted_database(stack, answers.MIGRATIONS)
        )
        app = Assessment(answers.in_this_process(stack, database, keys))
        exits.push_async_callback(app.close)
        client = await exits.enter_async_context(
            httpx.AsyncClient(transport=httpx.ASGITransport(app.api()), base_url="http://bench/v1")
        )
        it = Commands(stack.env["ISSUER_URL"], client, counter)
        async with app.uow() as uow:
            for unit in (UNIT, OTHER_UNIT):
                await uow.units.save(Unit(unit, None, "Sample unit", 20, 1))
        await it.send("administrator", "POST", "/instruments", answers.INSTRUMENT)
        opened = await it.send("service", "POST", "/rounds", answers.opening([UNIT]))
        before = counter.executed.copy()
        await it.send("service", "POST", "/rounds", answers.opening([OTHER_UNIT]))
        opening = counter.since(before).total()
        sheet = json.loads(answers.sheet(1))
        path = f"/rounds/{opened['rounds'][0]['round_id']}/answer"
        return {
            "SQL statements: a round opened, POST /rounds": opening,
            "SQL statements: an answer, PUT /rounds/{id}/answer": await it.cost(
                "employee", "PUT", path, sheet
            ),
        }


class Flow:
    """The sample service's events, and what they send to PostgreSQL on their way."""

    def __init__(self, kafka: Kafka, database: Database, counter: SqlCounter) -> None:
        self._kafka, self._database, self._counter = kafka, database, counter
        self._event = counter_bumped(unique("bench"))
        self._engine = create_engine(database)

    async def cost(self) -> dict[str, float]:
        """Statements to record, to mark and to consume `EVENTS` events."""
        topic = Topic(self._event.TOPIC, "bench", "internal", partitions=1)
        await ensure_topics(self._kafka, [topic])
        try:
            await self._record(1)
            recording = await self._counted(self._record(EVENTS))
            relaying = await self._counted(self._relay())
            consuming = await self._counted(self._consume())
        finally:
            await self._engine.dispose()
        return {
            f"SQL statements: {EVENTS} events recorded in a command": recording.total(),
            f"SQL statements: {EVENTS} published events marked": _matching(
                relaying, "delete from outbox_pending"
            ),
            f"SQL statements: {EVENTS} events claimed by a consumer": _matching(
                consuming, "insert into inbox"
            ),
            "Kafka records per recorded event": await self._records() / (EVENTS + 1),
        }

    async def _counted(self, work: Awaitable[None]) -> Counts[str]:
        before = self._counter.executed.copy()
        await work
        return self._counter.since(before)

    def _uow(self) -> SampleUnitOfWork:
        return SampleUnitOfWork(self._engine, self._event)

    async def _record(self, count: int) -> None:
        async with self._uow() as uow:
            for number in range(count):
                uow.record(Bumped(f"counter-{number}", 1))

    async def _relay(self) -> None:
        async with running(Relay(self._database.dsn.get_secret_value(), self._kafka)):
            await self._until("select not exists (select from outbox_pending)")

    async def _consume(self) -> None:
        group = subscribe(f"{unique('bench')}.counters", self._event)
        async with running(Consumer(self._kafka, self._uow, [group])):
            await self._until(f"select count(*) = {EVENTS + 1} from effects")

    async def _until(self, question: str) -> None:
        """Wait for a yes; asked as the owner, who is not counted."""
        assert self._database.migration_dsn
        owner = await asyncpg.connect(self._database.migration_dsn.get_secret_value())
        try:
            await eventually(lambda: owner.fetchval(question), within=30)
        finally:
            await owner.close()

    async def _records(self) -> int:
        consumer = AIOKafkaConsumer(bootstrap_servers=self._kafka.bootstrap_servers)
        await consumer.start()
        try:
            partition = TopicPartition(self._event.TOPIC, 0)
            return int((await consumer.end_offsets([partition]))[partition])
        finally:
            await consumer.stop()


def _matching(executed: Counts[str], start: str) -> int:
    return sum(times for statement, times in executed.items() if statement.startswith(start))


async def events(stack: Stack) -> dict[str, float]:
    """What an event costs on its way: to be recorded, relayed and consumed."""
    kafka = Kafka(bootstrap_servers=stack.env["KAFKA_BOOTSTRAP_SERVERS"])
    async with counted_database(stack, MIGRATIONS) as (database, counter):
        return await Flow(kafka, database, counter).cost()


async def growth_of_work(stack: Stack) -> dict[str, float]:
    """Statements and rows of an action and of a wave's turn, in rollouts of growing size."""
    found: dict[str, float] = {}
    for units, wave in growth.SIZES:
        async with (
            counted_database(stack, rollout.MIGRATIONS) as (database, counter),
            growth.growing(database, counter, units, wave) as it,
        ):
            for work, cost in (await it.costs()).items():
                found[f"SQL statements: {work}, {units} units"] = cost.statements
                found[f"rows read: {work}, {units} units"] = cost.rows
    return found


async def history(stack: Stack) -> dict[str, float]:
    """Temporal history events per unit of a wave of fifty."""
    key = urlsafe_b64encode(os.urandom(32)).decode()
    client = await connect(stack.env["TEMPORAL_ADDRESS"], "default", key, lazy=False)
    design = Design(client)
    async with design.worker():
        await design.run(1)
    assert await design.store.unfinished() == 0
    return {f"history events per unit, wave of {len(UNITS)}": design.events_per_unit[0]}


async def count(stack: Stack) -> dict[str, float]:
    """Every counter of this module."""
    return {
        **await commands(stack),
        **await growth_of_work(stack),
        **await events(stack),
        **await history(stack),
    }


async def measure(stack: Stack, quick: bool, say: Say) -> Section:
    """The part `counters` of the bench; as quick as it is."""
    say("counters: statements, records and history events")
    limits, found = baseline(), await count(stack)
    return Section(
        "counters: the same on every machine",
        "Statements include BEGIN, COMMIT and the pool's ping. Limits: tests/bench/baseline.json.",
        counters=[Counter(name, value, limits.get(name)) for name, value in found.items()],
    )
