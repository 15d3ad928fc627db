"""Connections without a transaction and without SQLAlchemy, for what people ask most: to read a
round, and to answer it. Each is one statement in one round trip."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from servicekit.failures import DRIVER_ERRORS, is_unavailable

# A sheet that waited for longer could replace a newer one that another process has stored.
_ACQUIRE_SECONDS = 5


class DirectPool:
    """Connects when it is first used."""

    def __init__(self, dsn: str, pool_size: int) -> None:
        self._dsn, self._pool_size = dsn, pool_size
        self._connecting = asyncio.Lock()
        self._pool: asyncpg.Pool | None = None

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """Raises OSError if the database does not answer. Then it is safe to try again."""
        try:
            pool = self._pool or await self._connect()
            # A deadline costs as much as all else here; with an idle connection nothing waits.
            within = None if pool.get_idle_size() else _ACQUIRE_SECONDS
            async with pool.acquire(timeout=within) as connection:
                yield connection
        except DRIVER_ERRORS as error:
            if not is_unavailable(error):
                raise
            # Without its cause, whose text could contain the values.
            raise ConnectionError(type(error).__name__) from None

    async def close(self) -> None:
        if self._pool:
            await self._pool.close()

    async def _connect(self) -> asyncpg.Pool:
        async with self._connecting:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self._dsn,
                    min_size=0,
                    max_size=self._pool_size,
                    timeout=5,
                    command_timeout=15,
                    reset=_keep_session,
                )
            return self._pool


async def _keep_session(connection: asyncpg.Connection) -> None:
    """Nothing to reset: no statement here changes a session. Saves a round trip."""
