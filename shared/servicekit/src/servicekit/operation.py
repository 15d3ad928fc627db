"""What a service's processes say of themselves, together."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel, Field
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from servicekit import outbox
from servicekit.heartbeat import Figures, GroupFigures, Servers

State = Literal["running", "away", "replaced"]

_SILENCE = timedelta(seconds=30)
_ROWS = text("select now() as now, p.* from processes p order by name, started_at")
_NOW = text("select now()")
_MIGRATION = text("select version_num from alembic_version")


class ServerBody(BaseModel):
    """A server as one process sees it."""

    server: str = Field(examples=["kafka"])
    away_since: datetime | None = Field(description="Null while it answers.")


class ProcessBody(BaseModel):
    """A process that runs, or did within the last hour and was not stopped."""

    name: str = Field(examples=["assessment-worker"])
    place: str = Field(description="Host and process id.", examples=["host-1/4711"])
    version: str
    state: State = Field(
        description="`away`: not seen for half a minute. `replaced`: nor that, and another of its"
        " name has started since."
    )
    started_at: datetime
    seen_at: datetime
    servers: list[ServerBody]


class GroupBody(BaseModel):
    """A consumer group in all processes that read for it."""

    group: str = Field(examples=["assessment.units"])
    partitions: int = Field(description="That are read. None at all: the group stands still.")
    records: int | None = Field(description="Events behind; null while Kafka does not answer.")
    seconds: float | None = Field(description="Age of the oldest event that has not taken effect.")
    dead_letters: int | None = Field(description="Waiting for an operator.")
    handled_per_minute: int


class Backlog(BaseModel):
    """What waits in the service's database."""

    kind: str = Field(examples=["outbox"])
    count: int
    oldest_at: datetime | None = Field(
        default=None, description="Since when the oldest of them waits, if that is known."
    )


class Operation(BaseModel):
    """How a service is."""

    as_of: datetime
    migration: str = Field(description="The database's latest.", examples=["0009"])
    processes: list[ProcessBody]
    roles_without_process: list[str] = Field(
        description="Nothing runs that is needed for them.", examples=[["worker"]]
    )
    groups: list[GroupBody]
    published_per_minute: int
    held_up: list[str] = Field(description="Topics that do not take their events.")
    backlogs: list[Backlog] = []


Backlogs = Callable[[Any], Awaitable[Sequence[Backlog]]]
"""What waits in a service's database besides its outbox; asked with an open unit of work."""


async def nothing_waits(uow: object) -> Sequence[Backlog]:
    return []


async def look(connection: AsyncConnection, roles: Iterable[str]) -> Operation:
    """The processes as of now. `roles`: those that have to run somewhere."""
    rows = (await connection.execute(_ROWS)).all()
    now = rows[0].now if rows else (await connection.execute(_NOW)).scalar_one()
    states = states_of(rows)
    running = [row for row, state in zip(rows, states, strict=True) if state == "running"]
    figures = [Figures.model_validate(row.figures) for row in running]
    return Operation(
        as_of=now,
        migration=(await connection.execute(_MIGRATION)).scalar_one(),
        processes=[_process(row, state) for row, state in zip(rows, states, strict=True)],
        roles_without_process=sorted(set(roles).difference(*(row.role_names for row in running))),
        groups=together([group for one in figures for group in one.groups]),
        published_per_minute=sum(one.published_per_minute for one in figures),
        held_up=sorted({topic for one in figures for topic in one.held_up}),
    )


async def outbox_backlog(connection: AsyncConnection, now: datetime) -> Backlog:
    """Events that wait to be published."""
    row = (await connection.exec_driver_sql(outbox.WAITING)).one()
    oldest = now - timedelta(seconds=row.age) if row.pending else None
    return Backlog(kind="outbox", count=row.pending, oldest_at=oldest)


def states_of(rows: Sequence[Row[Any]]) -> list[State]:
    """Of each process, oldest first: one that is silent is replaced by the first of its name that
    started after it was last seen, and each replaces one only."""
    successors = list(range(len(rows)))
    states: list[State] = ["running"] * len(rows)
    silent = [at for at, row in enumerate(rows) if row.now - row.seen_at > _SILENCE]
    for at in sorted(silent, key=lambda at: rows[at].seen_at):
        row = rows[at]
        after = (
            n for n in successors if rows[n].name == row.name and rows[n].started_at > row.seen_at
        )
        successor = next(after, None)
        if successor is None:
            states[at] = "away"
        else:
            states[at] = "replaced"
            successors.remove(successor)
    return states


def together(parts: Sequence[GroupFigures]) -> list[GroupBody]:
    """Each group once: figures of a process's partitions added, of the whole group the largest."""
    found = []
    for name in sorted({part.group for part in parts}):
        own = [part for part in parts if part.group == name]
        records = [part.records for part in own if part.records is not None]
        found.append(
            GroupBody(
                group=name,
                partitions=sum(part.partitions for part in own),
                records=sum(records) if records else None,
                seconds=max((p.seconds for p in own if p.seconds is not None), default=None),
                dead_letters=max(
                    (p.dead_letters for p in own if p.dead_letters is not None), default=None
                ),
                handled_per_minute=sum(part.handled_per_minute for part in own),
            )
        )
    return found


def _process(row: Row[Any], state: State) -> ProcessBody:
    seen = Servers.model_validate(row.servers).away_since
    return ProcessBody(
        name=row.name,
        place=row.place,
        version=row.version,
        state=state,
        started_at=row.started_at,
        seen_at=row.seen_at,
        servers=[ServerBody(server=name, away_since=since) for name, since in sorted(seen.items())],
    )
