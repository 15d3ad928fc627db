"""Small real parts for tests of the plumbing: a sample service.

The sample service counts: `bump` raises a counter's version and records an event; the consumer
writes one row of `effects` per event. Nothing but the inbox keeps a row from being written twice.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts import Event
from servicekit import outbox
from servicekit.consumer_group import ConsumerGroup, EventMeta, Handler
from servicekit.db import SqlUnitOfWork
from servicekit.runtime import Component

MIGRATIONS = Path(__file__).parents[1] / "integration" / "servicekit" / "migrations"


def unique(prefix: str) -> str:
    """A name that nothing else in the test session uses."""
    return f"{prefix}{uuid4().hex[:10]}"


class Refused(Exception):
    """The sample service's domain error, in the shape that every service's has."""

    def __init__(self, code: str, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.kind, self.detail = code, kind, detail
        self.errors: list[dict[str, str]] = []


@dataclass(frozen=True)
class Bumped:
    """The sample domain event."""

    counter_id: str
    version: int
    note: str = ""


class CounterBumped(Event):
    """The sample contract event; `counter_bumped` makes one with a type and a topic of its own."""

    counter_id: str
    version: int
    note: str = ""


def counter_bumped(prefix: str, major: int = 1) -> type[CounterBumped]:
    """A contract event on the topic `<prefix>.counter`."""

    class Counted(CounterBumped, type=f"{prefix}.counter.bumped.v{major}", key="counter_id"):
        """A counter's version went up by one."""

    return Counted


class SampleUnitOfWork(SqlUnitOfWork):
    """The sample service's unit of work: one statement per use case."""

    def __init__(self, engine: AsyncEngine, event: type[CounterBumped]) -> None:
        def translate(bumped: Bumped) -> Sequence[Event]:
            return [event(**vars(bumped))]

        super().__init__(engine, translate, "/sample")

    async def bump(self, counter_id: str, note: str = "") -> int:
        """Raise the counter's version; the row stays locked until the end of the transaction."""
        row = await self.connection.execute(
            text(
                "insert into counters values (:id, 1) on conflict (counter_id)"
                " do update set version = counters.version + 1 returning version"
            ),
            {"id": counter_id},
        )
        version: int = row.scalar_one()
        self.record(Bumped(counter_id, version, note))
        return version

    async def write_events_now(self) -> None:
        """Take the outbox ids before the end of the transaction: the worst case for the order."""
        recorded, self._recorded = self._recorded, []
        if recorded:
            await outbox.write(self.connection, recorded, "/sample")

    async def effect(self, event: CounterBumped, meta: EventMeta) -> None:
        """Write a row for the event's effect; a second call writes a second row."""
        await self.connection.execute(
            text("insert into effects (event_id, counter_id, version) values (:e, :c, :v)"),
            {"e": meta.id, "c": event.counter_id, "v": event.version},
        )


async def write_effect(event: CounterBumped, uow: SampleUnitOfWork, meta: EventMeta) -> None:
    """The plain handler of the sample group."""
    await uow.effect(event, meta)


def subscribe(
    group: str,
    event: type[CounterBumped],
    handler: Handler = write_effect,
    after_commit: Callable[[Sequence[Event]], Awaitable[None]] | None = None,
) -> ConsumerGroup:
    """A group of the sample service."""
    handlers: dict[type[Event], Any] = {event: handler}
    return ConsumerGroup(group, handlers, after_commit)


@asynccontextmanager
async def running(component: Component, within: float = 10.0) -> AsyncIterator[asyncio.Task[None]]:
    """A component for the length of a with-block; it must stop within `within` seconds."""
    stop = asyncio.Event()
    task = asyncio.create_task(component.run(stop))
    try:
        yield task
    finally:
        stop.set()
        await asyncio.wait([task], timeout=within)
        ended = task.done()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert ended, f"{type(component).__name__} did not stop within {within} s"
    if not task.cancelled() and (error := task.exception()):
        raise error
