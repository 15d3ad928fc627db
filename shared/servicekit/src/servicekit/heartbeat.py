"""Every process says in its service's database that it runs, what it cannot reach, and how far it
is: a row that is written every five seconds, and removed when the process stops."""

import asyncio
import logging
import os
import socket
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from uuid import uuid4

from prometheus_client import Counter
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from servicekit.lag import Lag, Progress
from servicekit.metrics import (
    CONSUMER_LAG_RECORDS,
    CONSUMER_LAG_SECONDS,
    DATABASE,
    DEAD_LETTERS,
    EVENTS_CONSUMED,
    EVENTS_PUBLISHED,
    JOB_FAILURES,
    SERVER_UP,
    samples,
    topics_held_up,
)
from servicekit.reach import Reach
from servicekit.telemetry import version_of

log = logging.getLogger(__name__)

_SECONDS = 5.0
_MINUTE = 60.0
_LAG_SECONDS = 10.0  # A new connection asks for each topic in turn, which takes a while under load.
_NOW = text("select now()")
_SAVE = text("""
    insert into processes
        (instance, name, role_names, place, version, started_at, seen_at, servers, figures)
    values (:instance, :name, :roles, :place, :version, :started_at, now(),
        cast(:servers as jsonb), cast(:figures as jsonb))
    on conflict (instance) do update
        set seen_at = now(), servers = excluded.servers, figures = excluded.figures
""")
_FORGET = text("""
    delete from processes where instance = any(array(
        select instance from processes where seen_at < now() - interval '1 hour'
        for update skip locked
    ))
""")
_REMOVE = text("delete from processes where instance = :instance")


class GroupFigures(BaseModel):
    """One consumer group in one process. `seconds` is the age of the oldest event that has not
    taken effect; None, as `records` and `dead_letters`, while Kafka does not answer."""

    group: str
    partitions: int
    records: int | None
    seconds: float | None
    dead_letters: int | None
    handled_per_minute: int


class Figures(BaseModel):
    """What only the process itself knows. `held_up`: topics that do not take their events."""

    groups: list[GroupFigures] = []
    published_per_minute: int = 0
    held_up: list[str] = []


class Servers(BaseModel):
    """Since when each server has not answered the process; None while it does."""

    away_since: dict[str, datetime | None]


class Heartbeat:
    """A component of every process."""

    def __init__(
        self,
        engine: AsyncEngine,
        service: str,
        roles: Sequence[str],
        servers: Sequence[Reach] = (),
        lag: Lag | None = None,
    ) -> None:
        """`lag` is a worker's; how Kafka answers it is among the servers too."""
        self._engine, self._lag = engine, lag
        self._servers = [*servers, *([Reach("kafka", lag.measure, _LAG_SECONDS)] if lag else [])]
        self._row: dict[str, Any] = {
            "instance": uuid4(),
            "name": f"{service}-{'-'.join(roles)}",
            "roles": list(roles),
            "place": f"{socket.gethostname()}/{os.getpid()}",
            "version": version_of(f"{service}-service"),
        }
        self._published = PerMinute(_reading(EVENTS_PUBLISHED))
        self._handled = {
            one.group.name: PerMinute(
                _reading(EVENTS_CONSUMED, messaging_consumer_group_name=one.group.name)
            )
            for one in (lag.groups if lag else ())
        }

    async def run(self, stop: asyncio.Event) -> None:
        stopping = asyncio.create_task(stop.wait())
        while not stop.is_set():
            try:
                await self.beat()
            except Exception as error:
                JOB_FAILURES.labels("heartbeat").inc()
                log.warning("cannot say that this process runs: %s", type(error).__name__)
            await asyncio.wait({stopping}, timeout=_SECONDS)
        await self._end()

    async def beat(self) -> None:
        """Look at the servers and write the row. Raises what the database raises."""
        await asyncio.gather(*(one.look() for one in self._servers))
        for one in self._servers:
            SERVER_UP.labels(one.name).set(one.away_seconds is None)
        try:
            await self._write()
        except BaseException:
            SERVER_UP.labels(DATABASE).set(0)
            raise
        SERVER_UP.labels(DATABASE).set(1)

    async def _write(self) -> None:
        async with self._engine.begin() as connection:
            now: datetime = (await connection.execute(_NOW)).scalar_one()
            self._row.setdefault("started_at", now)
            state = {
                "servers": self._seen_servers(now).model_dump_json(),
                "figures": self._figures(now).model_dump_json(),
            }
            await connection.execute(_SAVE, {**self._row, **state})
            await connection.execute(_FORGET)

    def _seen_servers(self, now: datetime) -> Servers:
        """PostgreSQL answers: it takes the row."""
        away = {one.name: one.away_seconds for one in self._servers}
        since = {
            name: None if seconds is None else now - timedelta(seconds=seconds)
            for name, seconds in away.items()
        }
        return Servers(away_since={DATABASE: None, **since})

    def _figures(self, now: datetime) -> Figures:
        groups = self._lag.groups if self._lag else ()
        return Figures(
            groups=[self._of_group(one, now) for one in groups],
            published_per_minute=self._published.value(),
            held_up=topics_held_up(),
        )

    def _of_group(self, one: Progress, now: datetime) -> GroupFigures:
        known = one.records is not None
        found = GroupFigures(
            group=one.group.name,
            partitions=len(one.partitions),
            records=one.records,
            seconds=one.seconds(now.timestamp()) if known else None,
            dead_letters=one.dead_letters,
            handled_per_minute=self._handled[one.group.name].value(),
        )
        for gauge, value in (
            (CONSUMER_LAG_RECORDS, found.records),
            (CONSUMER_LAG_SECONDS, found.seconds),
            (DEAD_LETTERS, found.dead_letters),
        ):
            if value is not None:
                gauge.labels(found.group).set(value)
        return found

    async def _end(self) -> None:
        """A process that is stopped is not missed."""
        if self._lag:
            await self._lag.close()
        try:
            async with self._engine.begin() as connection:
                await connection.execute(_REMOVE, {"instance": self._row["instance"]})
        except Exception as error:
            log.warning("this process will be missed: %s", type(error).__name__)


class PerMinute:
    """How much a number that only grows has grown in the last minute."""

    def __init__(self, read: Callable[[], float], clock: Callable[[], float] = monotonic) -> None:
        self._read, self._clock = read, clock
        self._readings = deque([(clock(), read())])

    def value(self) -> int:
        now = self._clock(), self._read()
        self._readings.append(now)
        while len(self._readings) > 2 and self._readings[1][0] <= now[0] - _MINUTE:
            self._readings.popleft()
        return round(now[1] - self._readings[0][1])


def _total(counter: Counter, **labels: str) -> float:
    return sum(v for found, v in samples(counter) if labels.items() <= found.items())


def _reading(counter: Counter, **labels: str) -> Callable[[], float]:
    return lambda: _total(counter, **labels)
