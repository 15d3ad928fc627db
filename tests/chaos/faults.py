"""Faults that last until they are undone, and the alerts that each has to raise."""

import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

import asyncpg
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from chaos.comparisons import GROUPS
from chaos.volume import of_postgresql, write_much
from contracts.registry import TOPICS
from devstack import Stack
from e2e.pilot import Administrator, begin
from servicekit.dead_letter_topic import waiting
from servicekit.dead_letters import discard
from servicekit.kafka import ensure_topics
from servicekit.settings import Kafka

Applied = Callable[[Stack], AbstractAsyncContextManager[None]]
_TOPIC = "workflow.unit"
_READERS = tuple(
    group for group, types in GROUPS.items() if any(one.startswith(f"{_TOPIC}.") for one in types)
)


@dataclass(frozen=True)
class Fault:
    """`alerts`: those that fire within three minutes, and no other but `symptoms`, which show what
    is left of a server that does some of its work."""

    name: str
    alerts: frozenset[str]
    applied: Applied
    symptoms: frozenset[str] = frozenset()


def stopped(process: str) -> Applied:
    @asynccontextmanager
    async def apply(stack: Stack) -> AsyncIterator[None]:
        await stack.stop(process)
        yield
        await stack.start(process, timeout=180)

    return apply


def frozen(process: str) -> Applied:
    @asynccontextmanager
    async def apply(stack: Stack) -> AsyncIterator[None]:
        stack.kill(process, signal.SIGSTOP)
        yield
        stack.kill(process, signal.SIGCONT)

    return apply


@asynccontextmanager
async def locked_table(stack: Stack) -> AsyncIterator[None]:
    """A session holds the lock that every event about units needs."""
    connection = await asyncpg.connect(stack.env["CONTENT_OWNER_DATABASE_URL"])
    try:
        async with connection.transaction():
            await connection.execute("lock table inbox in exclusive mode")
            yield
    finally:
        await connection.close()


@asynccontextmanager
async def unreadable_event(stack: Stack) -> AsyncIterator[None]:
    """A record that no group can read."""
    servers = stack.env["KAFKA_BOOTSTRAP_SERVERS"]
    producer = AIOKafkaProducer(bootstrap_servers=servers)
    await producer.start()
    await producer.send_and_wait(_TOPIC, b"{", headers=[("ce_id", b"no id")])
    await producer.stop()
    yield
    kafka = Kafka(bootstrap_servers=servers)
    for group in _READERS:
        async for _ in discard(kafka, group):
            pass
    assert await waiting(kafka, list(_READERS)) == []


@asynccontextmanager
async def deleted_topic(stack: Stack) -> AsyncIterator[None]:
    """A topic that events are published to."""
    servers = stack.env["KAFKA_BOOTSTRAP_SERVERS"]
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    await admin.delete_topics(["content.module"])
    await admin.close()
    yield
    await ensure_topics(Kafka(bootstrap_servers=servers), [TOPICS["content.module"]])


@asynccontextmanager
async def mails_refused(stack: Stack) -> AsyncIterator[None]:
    """There is no mail server while people are invited; that it is back shows the next mail."""
    await stack.stop("mailbox")
    begin(Administrator(stack), f"refused-{uuid4().hex[:8]}")
    yield
    await stack.start("mailbox")
    begin(Administrator(stack), f"sent-{uuid4().hex[:8]}")


def without_space(part: str) -> Applied:
    """`part` of PostgreSQL's data, as in chaos.volume."""

    @asynccontextmanager
    async def apply(stack: Stack) -> AsyncIterator[None]:
        await stack.stop("postgres")
        try:
            volume = of_postgresql(stack, part)
        finally:
            await stack.start("postgres")
        try:
            volume.fill()
            await write_much(stack)
            yield
        finally:
            volume.extend()
            await stack.wait_ready("postgres", timeout=180)
            await stack.stop("postgres")
            volume.back_to_disk()
            await stack.start("postgres")

    return apply


def _fault(name: str, applied: Applied, *alerts: str) -> Fault:
    return Fault(name, frozenset(alerts), applied)


FAULTS = (
    _fault("PostgreSQL is stopped", stopped("postgres"), "ServerAway"),
    Fault(
        "no space for tables",
        frozenset({"ServerAway"}),
        without_space("base"),
        frozenset({"ConsumerBehind", "RequestsUnavailable"}),
    ),
    _fault("Kafka is stopped", stopped("kafka"), "ServerAway"),
    _fault("Kafka is frozen", frozen("kafka"), "ServerAway"),
    _fault("Temporal is stopped", stopped("temporal"), "ServerAway"),
    _fault("no mail server", mails_refused, "ServerAway"),
    _fault("a table is locked", locked_table, "ConsumerBehind"),
    _fault("a topic is deleted", deleted_topic, "TopicMissing"),
    _fault("an event cannot be read", unreadable_event, "DeadLetters"),
    _fault("an api is stopped", stopped("people-api"), "ProcessDown"),
    _fault("a worker is stopped", stopped("content-worker"), "ProcessDown"),
    _fault("a worker is frozen", frozen("assessment-worker"), "ProcessDown"),
    _fault("the workflows' worker is stopped", stopped("workflow-temporal"), "ProcessDown"),
    _fault("the portal is stopped", stopped("portal-web"), "ProcessDown"),
)
