"""Checksums of every row of every table, to compare a restored cluster with what was there."""

from collections.abc import Awaitable, Callable

import asyncpg

_DATABASES = "select datname from pg_database where datallowconn and datname not like 'template%'"
_TABLES = """
    select format('%I.%I', schemaname, tablename) from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema') order by 1
"""
# The order in which rows lie on disk is not the same after a restore, nor has it to be.
_CHECKSUM = """
    select count(*) || ' rows, ' || coalesce(md5(string_agg(row, '' order by row)), 'empty')
    from (select md5(t::text) as row from only {} t) rows
"""
Checksums = dict[str, str]
Connect = Callable[[str], Awaitable[asyncpg.Connection]]
"""Connects to a database."""


async def checksums(connect: Connect) -> Checksums:
    """By `database schema.table`, a number of rows and a checksum.

    Each database is read at one moment.
    """
    first = await connect("postgres")
    names = [row["datname"] for row in await first.fetch(_DATABASES)]
    await first.close()
    found = {}
    for name in sorted(names):
        connection = await connect(name)
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                for row in await connection.fetch(_TABLES):
                    checksum = await connection.fetchval(_CHECKSUM.format(row[0]))
                    found[f"{name} {row[0]}"] = checksum
        finally:
            await connection.close()
    return found


async def mentioning(connect: Connect, database: str, words: str) -> list[str]:
    """The tables of the database that have a row with these words in it."""
    connection = await connect(database)
    try:
        tables = [row[0] for row in await connection.fetch(_TABLES)]
        statement = "select exists (select from {} t where strpos(t::text, $1) > 0)"
        return [t for t in tables if await connection.fetchval(statement.format(t), words)]
    finally:
        await connection.close()


def differing(expected: Checksums, found: Checksums) -> list[str]:
    """The tables that are not the same on both sides, those that only one side has among them."""
    return sorted(
        name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name)
    )
