"""How many rows there are of what must not grow for ever, what still waits, and what is too old."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

import asyncpg

from servicekit.maintenance import IDEMPOTENCY_KEY_DAYS, INBOX_DAYS

SERVICES = ("assessment", "content", "notification", "people", "workflow")
TABLES = ("outbox", "outbox_pending", "inbox", "idempotency_keys", "processes")
KEPT = (
    ("inbox", "received_on", timedelta(days=INBOX_DAYS)),
    ("idempotency_keys", "created_at", timedelta(days=IDEMPOTENCY_KEY_DAYS)),
)
"""Table, the column of its age, how long a row is kept."""


async def rows(env: Mapping[str, str]) -> dict[str, int]:
    """By table, over all services. Those of `outbox_pending` wait to be sent."""
    found = dict.fromkeys(TABLES, 0)
    for service in SERVICES:
        async with _owner(env, service) as connection:
            for table in TABLES:
                found[table] += await connection.fetchval(f"select count(*) from {table}")
    return found


async def make_old(env: Mapping[str, str]) -> None:
    """Let every row of the tables that are tidied be older than it is kept."""
    for service in SERVICES:
        async with _owner(env, service) as connection:
            for table, column, kept in KEPT:
                await connection.execute(
                    f"update {table} set {column} = {column} - $1::interval",
                    kept + timedelta(days=2),
                )


async def old_rows(env: Mapping[str, str]) -> int:
    """Rows that are older than they are kept, by more than a day."""
    found = 0
    for service in SERVICES:
        async with _owner(env, service) as connection:
            for table, column, kept in KEPT:
                found += await connection.fetchval(
                    f"select count(*) from {table} where {column} < now() - $1::interval",
                    kept + timedelta(days=1),
                )
    return found


@asynccontextmanager
async def _owner(env: Mapping[str, str], service: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(env[f"{service.upper()}_OWNER_DATABASE_URL"])
    try:
        yield connection
    finally:
        await connection.close()
