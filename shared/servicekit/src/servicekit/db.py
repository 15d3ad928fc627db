"""The unit of work: one transaction that holds an effect, its events and its inbox row."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Protocol, Self

import asyncpg
from sqlalchemy import URL, MetaData, Table, func, make_url, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from contracts import Event
from servicekit import audit_trail, db_metrics, outbox, telemetry
from servicekit.settings import Database

_NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

_NOW = select(func.now())
_PASSWORD_CHANGES_SECONDS = 2
Translate = Callable[[Any], Sequence[Event]]


def service_registry() -> registry:
    """A registry of its own for one service's SQLModel tables, with named constraints."""
    return registry(metadata=MetaData(naming_convention=_NAMING))


def table(row: type[SQLModel]) -> Table:
    """The SQLAlchemy table behind a row class, for statements of SQLAlchemy Core."""
    return row.metadata.tables[str(row.__tablename__)]


def asyncpg_url(dsn: str) -> URL:
    """`postgresql://...` as SQLAlchemy wants it, where `?sslmode=` means what asyncpg reads in it.

    Raises sqlalchemy.exc.ArgumentError if it is no DSN.
    """
    url = make_url(dsn).set(drivername="postgresql+asyncpg")
    mode = url.query.get("sslmode")
    return url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode} if mode else {})


def role_beside(dsn: str, work: str) -> str:
    """The role for one kind of work, beside a process's own: `content_relay` for `content_worker`.

    A session takes it, and has only its rights.
    """
    user = make_url(dsn).username or ""
    return f"{user.rpartition('_')[0]}_{work}"


def create_engine(settings: Database, role: str | None = None) -> AsyncEngine:
    """A pooled engine; a statement past its timeout is cancelled, a dead connection replaced.

    `role`: what its sessions are instead of who has logged in.
    """
    engine = create_async_engine(
        asyncpg_url(settings.dsn.get_secret_value()),
        poolclass=db_metrics.MeasuredPool,
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=True,
        hide_parameters=True,  # an error's text reaches logs; a statement's values may be personal
        connect_args={
            "async_creator_fn": _connected,
            "timeout": 5,
            "command_timeout": settings.statement_timeout_ms / 1000 + 5,
            "server_settings": {
                "statement_timeout": str(settings.statement_timeout_ms),
                "idle_in_transaction_session_timeout": "60000",
                "timezone": "UTC",
                **({"role": role} if role else {}),
            },
        },
    )
    db_metrics.measure(engine, settings.pool_size, role)
    return engine


async def _connected(*arguments: Any, **settings: Any) -> asyncpg.Connection:
    """A connection. While the role gets another password, its file is read again for a moment."""
    for _ in range(_PASSWORD_CHANGES_SECONDS * 10):
        try:
            return await asyncpg.connect(*arguments, **settings)
        except asyncpg.InvalidPasswordError:
            if "passfile" not in settings:
                raise
            await asyncio.sleep(0.1)
    return await asyncpg.connect(*arguments, **settings)


class Transaction(Protocol):
    """An open unit of work of any service, as entrypoints use it: commits on a clean exit."""

    @property
    def connection(self) -> AsyncConnection: ...

    def by(self, actor: audit_trail.Actor) -> Self: ...

    def at_one_moment(self) -> Self: ...

    def audit(
        self,
        action: str,
        subject: str,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        reason: str = "",
    ) -> None: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


class SqlUnitOfWork:
    """`async with uow:` commits on a clean exit and rolls back on an exception.

    Events recorded on the way are translated to contract events and written to the outbox
    in the same transaction. A service's subclass builds its repositories in `bind`.
    """

    def __init__(self, engine: AsyncEngine, translate: Translate, source: str) -> None:
        self._engine = engine
        self._translate = translate
        self._source = source
        self._now: datetime | None = None
        self._actor: audit_trail.Actor | None = None
        self._at_one_moment = False

    def bind(self, connection: AsyncConnection) -> None:
        """Build the repositories on the transaction's connection."""

    @property
    def connection(self) -> AsyncConnection:
        """The transaction's connection, for SQLAlchemy Core statements."""
        return self._connection

    async def now(self) -> datetime:
        """When this transaction began, by the database's clock: the one that all processes share.

        Always the same within one transaction.
        """
        if self._now is None:
            self._now = (await self._connection.execute(_NOW)).scalar_one()
        return self._now

    def record(self, event: object, cause: str | None = None) -> None:
        """Remember a domain event; it is published if, and only if, this transaction commits.

        `cause` is the trace context (`traceparent`) that the event continues; by default the one
        under way.
        """
        if cause is None:
            self._recorded.extend(outbox.Recorded(e) for e in self._translate(event))
            return
        with telemetry.span(f"record {type(event).__name__}", traceparent=cause):
            self.record(event)

    def by(self, actor: audit_trail.Actor) -> Self:
        """This unit of work, done for somebody: what is noted goes to the audit trail."""
        self._actor = actor
        return self

    def at_one_moment(self) -> Self:
        """This unit of work, where every statement sees the data as of the first one.

        So the pages of a list and its total belong together. It is for reading; what is noted of
        the reading is written afterwards.
        """
        self._at_one_moment = True
        return self

    def audit(
        self,
        action: str,
        subject: str,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        reason: str = "",
        unit_id: str | None = None,
    ) -> None:
        """Note what somebody does, as `audit_trail.Change` has it.

        It is written if this transaction commits. What the platform does by itself is not noted:
        its events and its log say it.
        """
        if self._actor is not None:
            change = audit_trail.Change(action, subject, before, after, reason, unit_id)
            self._changes.append(change)

    async def path(self, unit_id: str) -> Collection[str]:
        """The unit and all above it, as far as this service knows: a subclass may know more."""
        return {unit_id}

    async def _acting(
        self, actor: audit_trail.Actor, change: audit_trail.Change
    ) -> audit_trail.Actor:
        if change.unit_id is None:
            return actor
        return actor.acting_in(change.unit_id, await self.path(change.unit_id))

    async def __aenter__(self) -> Self:
        self._recorded: list[outbox.Recorded] = []
        self._changes: list[audit_trail.Change] = []
        self._now = None
        self._connection: AsyncConnection = await self._engine.connect()
        if self._at_one_moment:
            await self._connection.execution_options(isolation_level="REPEATABLE READ")
        self.bind(self._connection)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                if self._recorded:
                    await outbox.write(self._connection, self._recorded, self._source)
                if self._actor is not None and self._changes:
                    changes = [(await self._acting(self._actor, c), c) for c in self._changes]
                    if self._at_one_moment:  # It may not see the end of the trail.
                        await self._connection.commit()
                        await self._connection.execution_options(isolation_level="READ COMMITTED")
                    await audit_trail.write(self._connection, changes)
                await self._connection.commit()
        finally:
            await self._connection.close()
