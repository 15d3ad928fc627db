"""Rows that fill the databases, to measure a restore at a size: sample data of no meaning."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg

Connect = Callable[[str], Awaitable[asyncpg.Connection]]
_ROW_BYTES = 1_000
_BATCH = 20_000
_TABLE = "create table filling (id bigint primary key, content text not null)"
# Less than what PostgreSQL compresses, and each row another.
_ROWS = "insert into filling select n, repeat(md5(n::text), 30) from generate_series($1::int, $2) n"


async def fill(connect: Connect, databases: tuple[str, ...], gigabytes: float) -> None:
    """Add a table with about `gigabytes` (10^9 bytes), shared by the databases."""
    rows = round(gigabytes * 1e9 / _ROW_BYTES / len(databases))
    await asyncio.gather(*(_fill(connect, name, rows) for name in databases))


async def _fill(connect: Connect, database: str, rows: int) -> None:
    connection = await connect(database)
    try:
        await connection.execute(_TABLE)
        for first in range(1, rows + 1, _BATCH):
            await connection.execute(_ROWS, first, min(first + _BATCH - 1, rows), timeout=600)
    finally:
        await connection.close()


async def megabytes(connect: Connect) -> int:
    """The size of all databases together (10^6 bytes)."""
    connection = await connect("postgres")
    try:
        size = "select sum(pg_database_size(oid))::bigint from pg_database"
        return round(int(await connection.fetchval(size)) / 1e6)
    finally:
        await connection.close()
