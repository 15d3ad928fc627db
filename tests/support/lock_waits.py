"""The longest time that anybody waited for a lock because of a migration, or a migration waited."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

_LOOK_SECONDS = 0.01
# Only migrations log in as an owner. Who waits behind a migration that waits is counted, too.
_QUESTION = """
    select concat_ws(' ', a.usename, l.mode, l.locktype, l.relation::regclass) as what,
        extract(epoch from clock_timestamp() - l.waitstart)::float as seconds
    from pg_locks l join pg_stat_activity a using (pid)
    where not l.granted and l.waitstart is not null and (a.usename ~ '_owner$' or exists (
        select from unnest(pg_blocking_pids(l.pid)) as by join pg_stat_activity o on o.pid = by
        where o.usename ~ '_owner$'))
    order by 2 desc limit 1
"""


class LockWaits:
    """`longest`: seconds, to about a hundredth; `what`: who waited for which lock."""

    def __init__(self) -> None:
        self.longest, self.what, self.looks = 0.0, "nobody waited", 0

    async def look(self, connection: asyncpg.Connection) -> None:
        while True:
            self.looks += 1
            row = await connection.fetchrow(_QUESTION)
            if row and row["seconds"] > self.longest:
                self.longest, self.what = row["seconds"], row["what"]
            await asyncio.sleep(_LOOK_SECONDS)


@asynccontextmanager
async def watching(dsn: str) -> AsyncIterator[LockWaits]:
    """Look at all databases' locks for the length of a with-block; `dsn`: an administrator's."""
    waits = LockWaits()
    connection = await asyncpg.connect(dsn)
    looking = asyncio.create_task(waits.look(connection))
    try:
        yield waits
        assert not looking.done(), "looking for lock waits has failed"
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        await connection.close()
