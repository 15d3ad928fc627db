"""Rows on their way to Kafka, in a lane per topic: one topic's trouble holds up its rows only."""

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import Sequence
from typing import Any, Protocol

import asyncpg
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from pydantic_core import from_json

from servicekit.leadership import Ended
from servicekit.metrics import EVENTS_PUBLISHED, RELAY_HELD_UP

log = logging.getLogger(__name__)

_BATCHES_IN_FLIGHT = 3
_SLOW_SECONDS = 2  # A topic that acknowledges later than this is not waited for.
_METADATA_SECONDS = 5
_LONGEST_PAUSE_SECONDS = 10
_MARK = "delete from outbox_pending where id = any($1::bigint[])"


class Marker(Protocol):
    """What marks rows as published: the leader's own session."""

    async def execute(self, statement: str, *arguments: Any) -> Any: ...


class HeldUp:
    """Topics that are missing or refuse records. Each is tried again after a longer pause."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        self._pause: dict[str, float] = {}

    def add(self, topic: str, why: str) -> None:
        pause = min(2 * self._pause.get(topic, 0.5), _LONGEST_PAUSE_SECONDS)
        self._pause[topic] = pause
        self._until[topic] = asyncio.get_running_loop().time() + pause
        RELAY_HELD_UP.labels(topic).set(1)
        log.error("topic %s holds up its events, tried again in %.0f s: %s", topic, pause, why)

    def remove(self, topic: str) -> None:
        if self._pause.pop(topic, None):
            self._until.pop(topic, None)
            RELAY_HELD_UP.labels(topic).set(0)
            log.info("topic %s takes its events again", topic)

    def topics(self) -> set[str]:
        now = asyncio.get_running_loop().time()
        return {topic for topic, until in self._until.items() if until > now}


class Lanes:
    """Sends each topic's rows in order. A row is marked when Kafka has acknowledged it."""

    def __init__(self, producer: AIOKafkaProducer, marker: Marker, held_up: HeldUp) -> None:
        self._producer, self._marker, self._held_up = producer, marker, held_up
        self._under_way: dict[str, deque[asyncio.Task[None]]] = defaultdict(deque)
        self._order: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._slow: set[str] = set()

    def closed(self) -> list[str]:
        """The topics whose rows must wait. Raises what a late acknowledgement has brought."""
        for topic in list(self._slow):
            self._collect(topic)
            if not self._under_way[topic]:
                self._slow.discard(topic)
        return sorted(self._slow | self._held_up.topics())

    async def send(self, rows: Sequence[asyncpg.Record]) -> int:
        """Put rows into their lanes, as far as these are open; returns how many it took."""
        by_topic: dict[str, list[asyncpg.Record]] = {}
        for row in rows:
            by_topic.setdefault(row["topic"], []).append(row)
        closed, taken = set(self.closed()), 0
        for topic, own in by_topic.items():
            if topic in closed or not await self._is_there(topic):
                continue
            if await self._wait_for([topic], _BATCHES_IN_FLIGHT):
                sending = self._publish(topic, own)
                self._under_way[topic].append(asyncio.create_task(sending))
                taken += len(own)
        return taken

    async def finish(self) -> None:
        """Wait for what is under way, but not for slow topics; raises what failed."""
        await self._wait_for([t for t in self._under_way if t not in self._slow], 0)

    def cancel(self) -> None:
        for tasks in self._under_way.values():
            for task in tasks:
                task.cancel()

    async def _wait_for(self, topics: Sequence[str], allowed: int) -> bool:
        """False if a topic has more than `allowed` batches under way for too long."""
        deadline = asyncio.get_running_loop().time() + _SLOW_SECONDS
        for topic in topics:
            self._collect(topic)
            while len(tasks := self._under_way[topic]) > allowed:
                left = max(deadline - asyncio.get_running_loop().time(), 0)
                done, _ = await asyncio.wait([tasks[0]], timeout=left)
                if not done:
                    self._slow.add(topic)
                    log.warning("topic %s does not acknowledge; other topics go on", topic)
                    break
                self._collect(topic)
        return self._slow.isdisjoint(topics)

    def _collect(self, topic: str) -> None:
        tasks = self._under_way[topic]
        while tasks and tasks[0].done():
            tasks.popleft().result()
            self._held_up.remove(topic)

    async def _is_there(self, topic: str) -> bool:
        client = self._producer.client
        try:
            if client.cluster.partitions_for_topic(topic) is None:
                async with asyncio.timeout(_METADATA_SECONDS):
                    await client.add_topic(topic)
                    await client.force_metadata_update()
        except TimeoutError:
            log.warning("topic %s: Kafka does not say whether it is there", topic)
        if client.cluster.partitions_for_topic(topic) is None:
            self._held_up.add(topic, "Kafka does not have it, or not for this service")
            return False
        return True

    async def _publish(self, topic: str, rows: Sequence[asyncpg.Record]) -> None:
        try:
            async with self._order[topic]:
                acks = [await _send(self._producer, row) for row in rows]
            await asyncio.gather(*acks)
        except Ended:
            raise
        except KafkaError as error:
            self._held_up.add(topic, f"{type(error).__name__}: {error}")
            raise
        await self._marker.execute(_MARK, [row["id"] for row in rows])
        EVENTS_PUBLISHED.labels(topic).inc(len(rows))


async def _send(producer: AIOKafkaProducer, row: asyncpg.Record) -> "asyncio.Future[Any]":
    headers = [(name, text.encode()) for name, text in from_json(row["headers"]).items()]
    future: asyncio.Future[Any] = await producer.send(
        row["topic"], row["payload"], key=row["key"].encode(), headers=headers
    )
    return future
