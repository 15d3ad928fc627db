"""The final read of every database, topic and mail, by SQL and a Kafka consumer of its own."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import httpx
from aiokafka.admin import AIOKafkaAdminClient

from demo.ledger import Attempt
from support.checker import header, read_topics

SERVICES = ("assessment", "content", "notification", "people", "workflow")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Event:
    """A record of a topic."""

    id: str
    type: str
    topic: str
    time: datetime
    data: dict[str, Any]


@dataclass(frozen=True)
class Mail:
    """A mail as it was caught; its id is its Message-ID's own part."""

    id: str
    recipient: str
    text: str


@dataclass(frozen=True)
class Everything:
    """All that was read."""

    ledger: Sequence[Attempt]
    events: Sequence[Event]
    dead_letters: Sequence[str]
    tables: Mapping[str, Sequence[Mapping[str, Any]]]
    mails: Sequence[Mail]
    webhooks: Sequence[Mapping[str, Any]]

    def of(self, *types: str) -> list[Event]:
        return [event for event in self.events if event.type in types]


_QUERIES = {
    service: {
        "outbox": "select event_id::text as id from outbox where topic not like '%.dlq'",
        "pending": "select id from outbox_pending",
        "inbox": "select consumer, event_id::text as id from inbox",
    }
    for service in SERVICES
}
for _service in ("assessment", "content", "notification"):
    _QUERIES[_service]["units"] = "select unit_id, name from units"
_QUERIES["assessment"]["disposals"] = (
    "select rollout_id || ' ' || occasion as id, answers_counted, sheets_destroyed from disposals"
)
_QUERIES["notification"] |= {
    "messages": "select reference::text as id, status, facts, template, recipient_id from messages",
    "deliveries": "select delivery_id::text as id, status from deliveries",
    "subscribed": "select created_at from subscriptions",
}
_QUERIES["people"] |= {
    "units": "select unit_id from units",
    "managers": "select distinct unit_id from assignments where role = 'manager'",
    "recipients": "select person_id, unit_id, role from assignments"
    " where role in ('employee', 'manager', 'deputy')"
    " and coalesce(valid_to >= (now() at time zone 'Europe/Stockholm')::date, true)",
}
_QUERIES["workflow"] |= {
    "units": "select unit_id, name from units",
    "managers": "select unit_id from managements where has_manager",
    "journeys": "select rollout_id::text || '|' || unit_id as id, status from journeys",
    "rollouts": "select rollout_id::text as id, status, version from rollouts",
    "transitions": "select rollout_id::text as id, version from transitions",
    "evidence": "select kind || '|' || reference as id from evidence",
}


async def read(
    env: Mapping[str, str], ledger: Sequence[Attempt], webhooks: Sequence[Mapping[str, Any]]
) -> Everything:
    """Read every database, topic and mail, now."""
    tables: dict[str, Sequence[Mapping[str, Any]]] = {}
    for service, queries in _QUERIES.items():
        connection = await asyncpg.connect(env[f"{service.upper()}_OWNER_DATABASE_URL"])
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            for name, query in queries.items():
                tables[f"{service}.{name}"] = await connection.fetch(query)
        await connection.close()
    events, dead = await _topics(env["KAFKA_BOOTSTRAP_SERVERS"])
    return Everything(ledger, events, dead, tables, await _mails(env["MAILBOX_URL"]), webhooks)


async def _topics(bootstrap: str) -> tuple[list[Event], list[str]]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    names = [name for name in await admin.list_topics() if not name.startswith("__")]
    await admin.close()
    records = await read_topics(bootstrap, *names)
    dead = [r for r in records if r.topic.endswith(".dlq")]
    return [
        Event(
            id=header(r, "ce_id") or "",
            type=header(r, "ce_type") or "",
            topic=r.topic,
            time=datetime.fromisoformat(header(r, "ce_time") or ""),
            data=json.loads(r.value),
        )
        for r in records
        if r not in dead
    ], [f"{r.topic}: {header(r, 'dlq_error')}" for r in dead]


async def _mails(url: str) -> list[Mail]:
    """Every mail, in order of arrival."""
    found: list[Mail] = []
    async with httpx.AsyncClient(timeout=20, trust_env=False) as client:
        for page in range(1, 10_000):
            answer = await client.get(f"{url}/messages", params={"limit": 500, "page": page})
            items = answer.json()["items"]
            for item in items:
                names = {name.lower(): value for name, value in item["headers"].items()}
                match = _UUID.search(names.get("message-id", ""))
                id_ = match.group() if match else f"no id: {item['subject']}"
                found.append(Mail(id_, item["recipients"][0], item["text"]))
            if len(items) < 500:
                return found
    return found
