"""Seeded defects: the mistakes that the checkers must see. They live in the test tree only."""

import asyncio
import json
import random
from typing import Any

import asyncpg
from aiokafka import AIOKafkaProducer

from servicekit.relay import Relay

_COLUMNS = "id, topic, key, payload, headers"


class CursorRelay(Relay):
    """Polls `id > cursor`: what commits late with a low id is never seen."""

    _cursor = 0

    async def _pass(
        self, reader: asyncpg.Connection, marker: asyncpg.Connection, producer: AIOKafkaProducer
    ) -> int:
        rows = await reader.fetch(
            f"select {_COLUMNS} from outbox where id > $1 order by id limit 1000", self._cursor
        )
        await _send_all(producer, rows)
        if rows:
            self._cursor = rows[-1]["id"]
        return len(rows)


class ShufflingRelay(Relay):
    """Finds rows by state, but sends them as they come: an aggregate's events change places."""

    async def _pass(
        self, reader: asyncpg.Connection, marker: asyncpg.Connection, producer: AIOKafkaProducer
    ) -> int:
        rows = await reader.fetch(
            f"select {_COLUMNS} from outbox where id in (select id from outbox_pending) limit 500"
        )
        random.Random(7).shuffle(rows)
        await _send_all(producer, rows)
        await marker.execute(
            "delete from outbox_pending where id = any($1::bigint[])", [row["id"] for row in rows]
        )
        return len(rows)


class MarkingFirstRelay(Relay):
    """Marks what it is about to send: what is not acknowledged after that is lost."""

    async def _pass(
        self, reader: asyncpg.Connection, marker: asyncpg.Connection, producer: AIOKafkaProducer
    ) -> int:
        rows = await reader.fetch(
            f"select {_COLUMNS} from outbox where id in (select id from outbox_pending) order by id"
        )
        await marker.execute(
            "delete from outbox_pending where id = any($1::bigint[])", [row["id"] for row in rows]
        )
        await asyncio.sleep(0.5)  # so that the broker's end comes in between
        await _send_all(producer, rows)
        return len(rows)


async def _send_all(producer: AIOKafkaProducer, rows: list[Any]) -> None:
    acks = [
        await producer.send(
            row["topic"],
            row["payload"],
            key=row["key"].encode(),
            headers=[(n, t.encode()) for n, t in json.loads(row["headers"]).items()],
        )
        for row in rows
    ]
    await asyncio.gather(*acks)
