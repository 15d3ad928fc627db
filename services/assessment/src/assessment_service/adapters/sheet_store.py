"""The answer path's own access to the database: one statement, nothing before and nothing after.

Its connections are separate from the unit of work's, so that nothing else can be written with an
answer.
"""

from uuid import UUID

import asyncpg

from assessment_service.adapters.direct_pool import DirectPool
from assessment_service.adapters.keyed_sheets import partition
from assessment_service.application.sealing_ports import Stored

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


class PostgresSheetStore:
    """The port `SheetStore`."""

    def __init__(self, pool: DirectPool) -> None:
        self._pool = pool

    async def put(self, release_id: UUID, round_id: UUID, key: bytes, sealed: bytes) -> Stored:
        """Raises OSError if the database does not answer. Then it is safe to try again."""
        where = {"partition": partition(release_id)}
        try:
            async with self._pool.connection() as connection:
                result: str = await connection.execute(_PUT.format(**where), round_id, key, sealed)
                if result == "INSERT 0 1":
                    return "stored"
                query = _IS_ELSEWHERE.format(**where)
                return "elsewhere" if await connection.fetchval(query, key, round_id) else "closed"
        except asyncpg.UndefinedTableError:
            return "closed"  # the release is out, and its sheets are dropped
