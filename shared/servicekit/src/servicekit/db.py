"""The unit of work: one transaction that holds an effect, its events and its inbox row."""

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

from sqlalchemy import URL, MetaData, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.orm import registry
from sqlmodel.ext.asyncio.session import AsyncSession

from contracts import Event
from servicekit import outbox
from servicekit.settings import Database

_NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Translate = Callable[[Any], Sequence[Event]]


def service_registry() -> registry:
    """A registry of its own for one service's SQLModel tables, with named constraints."""
    return registry(metadata=MetaData(naming_convention=_NAMING))


def asyncpg_url(dsn: str) -> URL:
    """`postgresql://...` as SQLAlchemy wants it, where `?sslmode=` means what asyncpg reads in it.

    Raises sqlalchemy.exc.ArgumentError if it is no DSN.
    """
    url = make_url(dsn).set(drivername="postgresql+asyncpg")
    mode = url.query.get("sslmode")
    return url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode} if mode else {})


def create_engine(settings: Database) -> AsyncEngine:
    """A pooled engine; a statement past its timeout is cancelled, a dead connection replaced."""
    return create_async_engine(
        asyncpg_url(settings.dsn.get_secret_value()),
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=True,
        hide_parameters=True,  # an error's text reaches logs; a statement's values may be personal
        connect_args={
            "timeout": 5,
            "command_timeout": settings.statement_timeout_ms / 1000 + 5,
            "server_settings": {
                "statement_timeout": str(settings.statement_timeout_ms),
                "idle_in_transaction_session_timeout": "60000",
                "timezone": "UTC",
            },
        },
    )


class SqlUnitOfWork:
    """`async with uow:` commits on a clean exit and rolls back on an exception.

    Events recorded on the way are translated to contract events and written to the outbox
    in the same transaction. A service's subclass builds its repositories in `bind`.
    """

    session: AsyncSession

    def __init__(self, engine: AsyncEngine, translate: Translate, source: str) -> None:
        self._engine = engine
        self._translate = translate
        self._source = source

    def bind(self) -> None:
        """Build the repositories on `self.session`."""

    def record(self, event: object) -> None:
        """Remember a domain event; it is published if, and only if, this transaction commits."""
        self._recorded.extend(outbox.Recorded(e) for e in self._translate(event))

    async def connection(self) -> AsyncConnection:
        """The transaction's connection, for SQLAlchemy Core statements."""
        return await self.session.connection()

    async def __aenter__(self) -> Self:
        self._recorded: list[outbox.Recorded] = []
        self.session = AsyncSession(self._engine, expire_on_commit=False)
        self.bind()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                await self.session.flush()
                if self._recorded:
                    await outbox.write(await self.connection(), self._recorded, self._source)
                await self.session.commit()
        finally:
            await self.session.close()
