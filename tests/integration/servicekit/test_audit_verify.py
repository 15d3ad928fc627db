"""`audit verify` as a process: what it prints, and how it ends."""

import os
import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.audit import AuditHead
from contracts.registry import Topic
from integration.servicekit.test_audit_trail import SOMEBODY
from servicekit.audit_heads import Head, HeadSigner
from servicekit.kafka import ensure_topics
from servicekit.settings import Database, Kafka
from support.apps import CounterBumped, SampleUnitOfWork, unique
from support.ports import free_port

SAMPLE = Path(__file__).parents[2] / "support" / "sample_service.py"
KEY = "a-sample-key-of-more-than-32-characters"
Verify = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
def prefix() -> str:
    return unique("sample")


@pytest.fixture
def verify(database: Database, kafka_settings: Kafka, prefix: str) -> Verify:
    """Runs it, with changes of the environment; returns the exit code and what was printed."""

    async def run(**changes: str) -> tuple[int, str]:
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(SAMPLE.parents[1]),
            "SAMPLE_PREFIX": prefix,
            "SAMPLE_ENVIRONMENT": "test",
            "SAMPLE_DB__DSN": database.dsn.get_secret_value(),
            "SAMPLE_KAFKA__BOOTSTRAP_SERVERS": kafka_settings.bootstrap_servers,
            "SAMPLE_HTTP__PORT": "1",
            "SAMPLE_AUTH__ISSUER": "http://127.0.0.1:9",
            "SAMPLE_AUDIT__SIGNING_KEYS": f'["{KEY}"]',
            **changes,
        }
        command = (sys.executable, str(SAMPLE), "audit", "verify")
        process = await create_subprocess_exec(*command, env=environment, stdout=PIPE, stderr=PIPE)
        said, errors = await process.communicate()
        assert b"Traceback" not in errors, errors.decode()
        return process.returncode or 0, (said + errors).decode()

    return run


@pytest.fixture
async def owner(database: Database) -> AsyncIterator[asyncpg.Connection]:
    assert database.migration_dsn
    connection = await asyncpg.connect(database.migration_dsn.get_secret_value())
    yield connection
    await connection.close()


@pytest.fixture
async def signed(
    engine: AsyncEngine,
    event: type[CounterBumped],
    owner: asyncpg.Connection,
    kafka_settings: Kafka,
    prefix: str,
) -> None:
    """A trail of five lines, whose end is on its topic."""
    for number in range(5):
        async with SampleUnitOfWork(engine, event).by(SOMEBODY) as uow:
            uow.audit("counters.raise/bump", f"counter/{number}")
    digest = await owner.fetchval("select hash from audit_lines where seq = 5")
    await publish(
        kafka_settings,
        prefix,
        Head(service="sample", seq=5, hash=digest, signed_at=datetime.now(UTC)),
    )


def audit_topic(prefix: str) -> Topic:
    return Topic(f"{prefix}.audit", "sample", "internal", 1)


async def publish(kafka: Kafka, prefix: str, head: Head, key: str = KEY) -> None:
    topic = audit_topic(prefix)
    await ensure_topics(kafka, [topic])
    signature = HeadSigner([SecretStr(key)]).sign(head)
    value = AuditHead(**head.model_dump(), signature=signature).model_dump_json().encode()
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap_servers, acks="all")
    await producer.start()
    await producer.send_and_wait(topic.name, value)
    await producer.stop()


@pytest.mark.usefixtures("signed")
async def test_it_tells_a_whole_trail_from_one_that_was_changed(
    verify: Verify, owner: asyncpg.Connection, kafka_settings: Kafka, prefix: str
) -> None:
    code, said = await verify()
    assert (code, said.splitlines()) == (
        0,
        [
            "5 lines, 1 to 5; details of 0 erased",
            "1 signed ends compared",
            "the trail is whole",
        ],
    )
    edit = "update audit_lines set account = $1 where seq = 3 returning account"
    await owner.execute(edit, "nobody")
    code, said = await verify()
    assert code == 1
    assert "FAULT: line 3 was changed" in said
    await owner.execute(edit, SOMEBODY.subject)
    assert (await verify())[0] == 0
    await owner.execute("delete from audit_lines where seq = 5")
    code, said = await verify()
    assert code == 1
    assert "FAULT: lines 5 to 5 were removed since" in said


@pytest.mark.usefixtures("signed")
async def test_an_end_that_another_key_signed_is_a_fault(
    verify: Verify, kafka_settings: Kafka, prefix: str
) -> None:
    forged = Head(service="sample", seq=5, hash="0" * 64, signed_at=datetime.now(UTC))
    await publish(kafka_settings, prefix, forged, key="another-key-of-more-than-32-characters")
    code, said = await verify()
    assert code == 1
    assert f"record 0/1 of the topic {prefix}.audit was signed by no key" in said


async def test_without_keys_kafka_or_database_it_says_why_it_cannot_tell(
    verify: Verify, kafka_settings: Kafka, prefix: str
) -> None:
    code, said = await verify()
    assert (code, f"there is no topic {prefix}.audit" in said) == (2, True)
    await ensure_topics(kafka_settings, [audit_topic(prefix)])
    away = f"127.0.0.1:{free_port()}"
    for changes, why in [
        ({"SAMPLE_AUDIT__SIGNING_KEYS": "[]"}, "audit verify: set SAMPLE_AUDIT__SIGNING_KEYS"),
        ({"SAMPLE_KAFKA__BOOTSTRAP_SERVERS": away}, "audit verify: TopicUnreadable: KafkaConn"),
        ({"SAMPLE_DB__DSN": f"postgresql://a:b@{away}/c"}, "audit verify: ConnectionRefused"),
    ]:
        code, said = await verify(**changes)
        assert code == 2, said
        assert why in said
        assert "whole" not in said
