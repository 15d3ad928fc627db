"""The five kinds of work, on real processes: visits, pages, events, mails and waves."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import psutil

from bench import latency, portal_process, waves
from bench.answers import bench as answering
from bench.capacity.steps import Work, requests
from bench.database import migrated_database
from bench.people_process import NAMES, people
from bench.server_process import free_port, process
from contracts.registry import TOPICS
from devstack import Stack
from devstack.credentials import load_secrets
from devstack.options import Layout
from devstack.service_env import service_env, without_accounts
from servicekit.kafka import ensure_topics
from servicekit.settings import Kafka
from support.databases import SERVICES
from support.eventually import eventually

_CONNECTIONS = 32
_INSERT = """
    insert into messages (message_id, template, recipient_id, facts, status, reason, attempt, step,
                          created_at, next_attempt_at)
    values ($1, 'round_opened', $2, $3, 'pending', '', 0, 0, now(), now())
"""
_SYNCS = "select sum(fsyncs) from pg_stat_io where object = 'wal'"
_SETTLED = """
    select settled_at, 1000 * extract(epoch from settled_at - created_at)::float8 as ms
    from messages where status = 'sent' and created_at >= $1
"""


def _syncs(stack: Stack) -> Callable[[], Awaitable[int]]:
    """Counts the times that PostgreSQL has waited for its disk to keep what it wrote."""

    async def count() -> int:
        connection = await asyncpg.connect(stack.env["POSTGRES_ADMIN_DSN"])
        try:
            await connection.execute("select pg_stat_force_next_flush()")
            return int(await connection.fetchval(_SYNCS))
        finally:
            await connection.close()

    return count


def servers(stack: Stack, *names: str) -> dict[str, psutil.Process]:
    """The stack's own servers among what is measured."""
    found = {name: stack.state.processes[name].pid for name in names}
    return {name: psutil.Process(pid) for name, pid in found.items() if pid}


@asynccontextmanager
async def visits(stack: Stack) -> AsyncIterator[Work]:
    """Somebody reads a round and answers it: two requests."""
    async with answering(stack) as it:
        await it.prepare(len(NAMES))
        raw = await it.visits()
        port = it.api.port

        async def offer(rate: float, seconds: float) -> tuple[float, Sequence[float]]:
            done, waits = await requests(port, raw, 2 * rate, seconds, _CONNECTIONS)
            return done / 2, waits[::2]

        measured = {"assessment-api": it.api.process, **servers(stack, "postgres")}
        yield Work("visits", offer, measured, _syncs(stack), 100, 300)


@asynccontextmanager
async def pages(stack: Stack) -> AsyncIterator[Work]:
    """An administrator looks at the board of a rollout of 2,000 units."""
    async with portal_process.site(stack) as site:
        raw = [site.request(site.board)]

        async def offer(rate: float, seconds: float) -> tuple[float, Sequence[float]]:
            return await requests(site.portal.port, raw, rate, seconds, _CONNECTIONS)

        own = {"portal-web": site.portal.process, "workflow-api": site.workflow.process}
        measured = {**own, **servers(stack, "postgres")}
        yield Work("pages", offer, measured, _syncs(stack), 4, 300)


@asynccontextmanager
async def events(stack: Stack) -> AsyncIterator[Work]:
    """A command records an event, which takes effect in another process."""
    async with latency.flow(stack) as (flow, relay, consumer):

        async def offer(rate: float, seconds: float) -> tuple[float, Sequence[float]]:
            waits = await flow.milliseconds(round(rate * seconds), 1 / rate)
            return flow.rates[-1], waits

        own = {
            "worker (relay)": psutil.Process(relay),
            "worker (consumer)": psutil.Process(consumer),
        }
        yield Work(
            "events",
            offer,
            {**own, **servers(stack, "postgres", "kafka")},
            _syncs(stack),
            50,
            1_000,
        )


@asynccontextmanager
async def mails(stack: Stack) -> AsyncIterator[Work]:
    """A message that waits is addressed, written, sent by SMTP and marked."""
    await ensure_topics(
        Kafka(bootstrap_servers=stack.env["KAFKA_BOOTSTRAP_SERVERS"]), list(TOPICS.values())
    )
    secrets, port = load_secrets(Layout(stack.directory)), free_port()
    async with AsyncExitStack() as exits:
        exchange = await exits.enter_async_context(people(stack))
        database = await exits.enter_async_context(
            migrated_database(stack, SERVICES / "notification" / "migrations")
        )
        addresses = {**without_accounts(stack.env), "PEOPLE_URL": exchange.url}
        env = {
            **service_env("notification", "worker", port, addresses, secrets, stack.directory),
            "NOTIFICATION_DB__DSN": database.dsn.get_secret_value(),
        }
        log = stack.directory / "log" / "bench-notification.log"
        worker = await exits.enter_async_context(
            process(log, port, "notification_service", "worker", env=env)
        )
        assert database.migration_dsn
        owner = await asyncpg.connect(database.migration_dsn.get_secret_value())
        exits.push_async_callback(owner.close)

        async def offer(rate: float, seconds: float) -> tuple[float, Sequence[float]]:
            return await _mail(owner, rate, seconds)

        own = {"notification-worker": worker.process, "people-api": exchange.server.process}
        measured = {**own, **servers(stack, "postgres")}
        yield Work("mails", offer, measured, _syncs(stack), 10, 5_000)


async def _mail(
    owner: asyncpg.Connection, rate: float, seconds: float
) -> tuple[float, list[float]]:
    loop, count = asyncio.get_running_loop(), round(rate * seconds)
    started, since = loop.time(), await owner.fetchval("select now()")
    facts = json.dumps(
        {"round_id": str(uuid4()), "unit_id": "unit-00", "closes_at": datetime.now(UTC).isoformat()}
    )
    for number in range(count):
        await asyncio.sleep(max(0.0, started + number / rate - loop.time()))
        await owner.execute(_INSERT, uuid4(), NAMES[number % len(NAMES)], facts)

    async def all_sent() -> list[asyncpg.Record]:
        sent = list(await owner.fetch(_SETTLED, since))
        assert len(sent) == count, f"{len(sent)} of {count} mails were sent"
        return sent

    sent = await eventually(all_sent, within=120)
    settled = [row["settled_at"] for row in sent]
    rate_done = (count - 1) / (max(settled) - min(settled)).total_seconds()
    return rate_done, [row["ms"] for row in sent]


@asynccontextmanager
async def journeys(stack: Stack) -> AsyncIterator[Work]:
    """A unit goes through a wave of fifty; so many waves run at once that the rate comes about."""
    async with waves.designs(stack) as found:
        design = found[waves.STORED_WAVES]

        async def offer(rate: float, seconds: float) -> tuple[float, Sequence[float]]:
            loop, size = asyncio.get_running_loop(), len(waves.UNITS)
            started, running, waits = loop.time(), list[asyncio.Task[None]](), list[float]()

            async def one(due: float) -> None:
                await design.run(1)
                waits.extend([1e3 * (loop.time() - due)] * size)

            count = max(1, round(rate * seconds / size))
            for number in range(count):
                due = started + number * size / rate
                await asyncio.sleep(max(0.0, due - loop.time()))
                running.append(asyncio.create_task(one(due)))
            await asyncio.gather(*running)
            return len(waits) / max(count * size / rate, loop.time() - started), waits

        own = {"workflow-temporal": psutil.Process()}
        yield Work(
            "journeys",
            offer,
            {**own, **servers(stack, "postgres", "temporal")},
            _syncs(stack),
            10,
            30_000,
        )


WORKS = {"visits": visits, "pages": pages, "events": events, "mails": mails, "journeys": journeys}
