"""Sending sample events to a consumer, and reading what became of them."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaProducer, ConsumerRecord
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts import Message
from support.apps import CounterBumped
from support.checker import read_topics
from support.eventually import eventually


async def effects(engine: AsyncEngine) -> list[tuple[str, int]]:
    async with engine.connect() as connection:
        rows = await connection.execute(
            text("select counter_id, version from effects order by counter_id, version")
        )
        return [(row.counter_id, row.version) for row in rows]


async def wait_for_effects(engine: AsyncEngine, count: int) -> list[tuple[str, int]]:
    async def enough() -> list[tuple[str, int]]:
        found = await effects(engine)
        assert len(found) >= count, f"{len(found)} of {count} effects"
        return found

    return await eventually(enough)


def message(event: type[CounterBumped], data: bytes, **changes: Any) -> Message:
    base = Message(
        id=uuid4(),
        type=event.TYPE,
        source="/sample",
        time=datetime.now(UTC),
        subject="a",
        data=data,
    )
    return replace(base, **changes)


async def send(producer: AIOKafkaProducer, topic: str, message: Message, **headers: bytes) -> None:
    all_headers = {name: value.encode() for name, value in message.headers().items()} | headers
    await producer.send_and_wait(
        topic, message.data, key=b"a", headers=[(n, v) for n, v in all_headers.items()]
    )


def counted(version: int, counter_id: str = "a") -> bytes:
    return json.dumps({"counter_id": counter_id, "version": version}).encode()


async def dead_letters(kafka: str, group: str, count: int) -> list[ConsumerRecord]:
    async def enough() -> list[ConsumerRecord]:
        found = await read_topics(kafka, f"{group}.dlq")
        assert len(found) >= count, f"{len(found)} of {count} dead letters"
        return found

    return await eventually(enough)
