"""The answer path's own access to the database: one statement, nothing before and nothing after.

Its connections are separate from the unit of work's, so that nothing else can be written with an
answer, and an answer costs one round trip.
"""

import asyncio
from uuid import UUID

import asyncpg

from assessment_service.adapters.keyed_sheets import partition
from assessment_service.application.ports import Stored

# `for share` makes closing the round wait for answers in progress, and makes an answer that waited
# for the closing see the closed round: an answer is reported as stored only if it will be counted.
# `excluded.sealed` would need the right to read sheets.
_PUT = """
    insert into {partition} as stored (release_id, participation_key, round_id, sealed)
    select release_id, $2, round_id, $3 from rounds
    where round_id = $1 and status = 'open' and (now() < closes_at or held_since is not null)
    for share
    on conflict (release_id, participation_key) do update set sealed = $3
    where stored.round_id = excluded.round_id
"""
_IS_ELSEWHERE = "select true from {partition} where participation_key = $1 and round_id <> $2"
# A sheet that waited for longer could replace a newer one that another process has stored.
_ACQUIRE_SECONDS = 5
_UNAVAILABLE = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)


class PostgresSheetStore:
    """The port `SheetStore`. Connects at the first answer."""

    def __init__(self, dsn: str, pool_size: int) -> None:
        self._dsn, self._pool_size = dsn, pool_size
        self._connecting = asyncio.Lock()
        self._pool: asyncpg.Pool | None = None

    async def put(self, release_id: UUID, round_id: UUID, key: bytes, sealed: bytes) -> Stored:
        """Raises OSError if the database does not answer. Then it is safe to try again."""
        where = {"partition": partition(release_id)}
        try:
            pool = self._pool or await self._connect()
            async with pool.acquire(timeout=_ACQUIRE_SECONDS) as connection:
                result: str = await connection.execute(_PUT.format(**where), round_id, key, sealed)
                if result == "INSERT 0 1":
                    return "stored"
                query = _IS_ELSEWHERE.format(**where)
                return "elsewhere" if await connection.fetchval(query, key, round_id) else "closed"
        except asyncpg.UndefinedTableError:
            return "closed"  # the release is out, and its sheets are dropped
        except _UNAVAILABLE as error:
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
    """Nothing to reset: no statement here changes a session. Saves a round trip per answer."""
