"""What the auditor looks at, read by its own clients: topics from offset 0, outboxes, mails, files.

Nothing here uses the platform's code or APIs, and nothing is written.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any

import asyncpg
import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from demo.api import SERVICES, DemoError

_POLL_SECONDS = 0.25


@dataclass(frozen=True)
class Record:
    """One event as it is in its topic."""

    topic: str
    id: str
    type: str
    time: datetime
    data: dict[str, Any]


@dataclass(frozen=True)
class Mail:
    """One caught mail."""

    message_id: str
    recipient: str
    subject: str
    text: str


async def read_topics(bootstrap: str, deadline: float) -> tuple[list[Record], dict[str, int]]:
    """Every event of every topic, and the number of records in each dead-letter topic.

    Raises DemoError when the end of the topics is not reached within `deadline` seconds.
    """
    try:
        async with asyncio.timeout(deadline):
            partitions = await _partitions(bootstrap)
            raw = await _from_the_start(bootstrap, partitions)
    except TimeoutError as error:
        raise DemoError(f"reading the topics took more than {deadline:.0f} s") from error
    dead = {p.topic: 0 for p in partitions if p.topic.endswith(".dlq")}
    records = []
    for record in raw:
        if record.topic in dead:
            dead[record.topic] += 1
        else:
            records.append(_record(record))
    return records, dead


async def _partitions(bootstrap: str) -> list[TopicPartition]:
    """Every partition of every topic but the broker's own."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        topics = await admin.describe_topics()
    finally:
        await admin.close()
    return [
        TopicPartition(topic["topic"], partition["partition"])
        for topic in topics
        if not topic["topic"].startswith("__")
        for partition in topic["partitions"]
    ]


async def _from_the_start(bootstrap: str, partitions: list[TopicPartition]) -> list[Any]:
    """Every record up to where the partitions end now."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        raw: list[Any] = []
        left = {partition for partition, end in ends.items() if end > 0}
        while left:
            for records in (await consumer.getmany(timeout_ms=200)).values():
                raw += records
            left = {p for p in left if await consumer.position(p) < ends[p]}
        return raw
    finally:
        await consumer.stop()


def _record(record: Any) -> Record:
    headers = {name: value.decode() for name, value in record.headers}
    return Record(
        topic=record.topic,
        id=headers["ce_id"],
        type=headers["ce_type"],
        time=datetime.fromisoformat(headers["ce_time"]),
        data=json.loads(record.value),
    )


async def outbox_ids(env: Mapping[str, str]) -> list[str]:
    """The ids of all events that the databases say were recorded."""
    found: list[str] = []
    for service in SERVICES:
        rows = await query(env, service, "select event_id::text as id from outbox")
        found += [row["id"] for row in rows]
    return found


async def query(env: Mapping[str, str], service: str, sql: str) -> list[Any]:
    """Read rows of a service's database."""
    connection = await asyncpg.connect(env[f"{service.upper()}_OWNER_DATABASE_URL"], timeout=10)
    try:
        rows: list[Any] = await connection.fetch(sql, timeout=30)
        return rows
    finally:
        await connection.close()


async def settled(env: Mapping[str, str], deadline: float) -> float:
    """Wait until no event is unpublished; returns the seconds that it took.

    Raises DemoError at the deadline, naming what is not empty.
    """
    start = monotonic()
    while True:
        waiting = {
            service: (await query(env, service, "select count(*) from outbox_pending"))[0][0]
            for service in SERVICES
        }
        if not any(waiting.values()):
            return monotonic() - start
        if monotonic() - start > deadline:
            named = ", ".join(f"{name}: {count}" for name, count in waiting.items() if count)
            raise DemoError(f"events are still unpublished after {deadline:.0f} s ({named})")
        await asyncio.sleep(_POLL_SECONDS)


async def read_mails(mailbox: str) -> list[Mail]:
    """Every mail that the local catcher holds."""
    found: list[Mail] = []
    async with httpx.AsyncClient(timeout=20, trust_env=False) as http:
        for page in range(1, 10_000):
            response = await http.get(f"{mailbox}/messages", params={"limit": 500, "page": page})
            response.raise_for_status()
            items = response.json()["items"]
            found += [_mail(item) for item in items]
            if len(items) < 500:
                break
    return found


def _mail(item: Mapping[str, Any]) -> Mail:
    headers = {name.lower(): value for name, value in item["headers"].items()}
    return Mail(
        message_id=headers.get("message-id", ""),
        recipient=item["recipients"][0],
        subject=item["subject"],
        text=item["text"],
    )


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The JSON lines of a file; none if it does not exist."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
