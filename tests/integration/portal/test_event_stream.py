"""Pages follow what happens: a real broker, and what an open page learns of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from uuid import uuid4

import pytest

from contracts.content import MeetingHeld
from contracts.registry import TOPICS
from devstack import Stack
from portal_service.adapters import event_stream
from portal_service.adapters.event_stream import EventStream
from portal_service.application.changes import Changes
from servicekit import topic_reader
from servicekit.kafka import ensure_topics
from servicekit.reach import Reach
from servicekit.settings import Kafka
from support.apps import unique
from support.publishing import publish

WITHIN = 30.0


@asynccontextmanager
async def following(kafka: str, changes: Changes) -> AsyncIterator[asyncio.Event]:
    stop = asyncio.Event()
    stream = EventStream(Kafka(bootstrap_servers=kafka), changes, Reach("kafka"))
    running = asyncio.create_task(stream.run(stop))
    try:
        yield stop
    finally:
        stop.set()
        await asyncio.wait_for(running, 5)


async def test_a_page_learns_of_its_own_unit(kafka: str) -> None:
    await ensure_topics(Kafka(bootstrap_servers=kafka), list(TOPICS.values()))
    changes, unit = Changes(), unique("unit-")
    async with following(kafka, changes):
        with changes.watching([f"unit/{unit}"]) as mine, changes.watching(["unit/none"]) as other:
            assert await mine.next(WITHIN) == "away"
            assert await mine.next(WITHIN) == "changed", "events are followed from here"
            while await other.next(0.1):  # what it was given while mine was
                pass
            held = MeetingHeld(
                meeting_id=uuid4(),
                rollout_id=uuid4(),
                unit_id=unit,
                variant="30",
                held_on=date(2030, 3, 9),
                headcount=5,
            )
            await publish(kafka, held)
            assert await mine.next(WITHIN) == "changed"
            assert await other.next(0.1) is None


async def test_without_a_broker_pages_are_not_live_and_the_process_goes_on() -> None:
    changes = Changes()
    async with following("127.0.0.1:1", changes):
        with changes.watching(["unit/a"]) as watcher:
            assert await watcher.next(WITHIN) == "away"
            assert await watcher.next(1) is None


async def test_a_broker_that_is_away_for_long_is_followed_again(
    kafka: str, servers: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broker ends in good order: its last answers are that its partitions have no leader."""
    await ensure_topics(Kafka(bootstrap_servers=kafka), list(TOPICS.values()))
    monkeypatch.setattr(topic_reader, "_LOOK_SECONDS", 1.0)
    monkeypatch.setattr(event_stream, "_PAUSE_SECONDS", 0.5)
    changes = Changes()
    async with following(kafka, changes) as stop:
        with changes.watching(["unit/a"]) as watcher:
            assert await watcher.next(WITHIN) == "away"
            assert await watcher.next(WITHIN) == "changed", "events are followed from here"
            try:
                await servers.stop("kafka")
                assert await watcher.next(WITHIN) == "away"
                await asyncio.sleep(3)
            finally:
                await servers.start("kafka", timeout=180)
            assert await watcher.next(WITHIN) == "changed"
            assert not stop.is_set()


async def test_pages_end_when_the_process_stops(kafka: str) -> None:
    changes = Changes()
    with changes.watching(["unit/a"]) as watcher:
        async with following(kafka, changes):
            await watcher.next(WITHIN)
        async with asyncio.timeout(1):
            while await watcher.next(WITHIN) != "end":
                pass
