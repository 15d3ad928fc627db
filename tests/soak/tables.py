"""How many rows there are of what must not grow for ever, and what still waits."""

from collections.abc import Mapping

import asyncpg

SERVICES = ("assessment", "content", "notification", "people", "workflow")
TABLES = ("outbox", "outbox_pending", "inbox", "idempotency_keys", "processes")


async def rows(env: Mapping[str, str]) -> dict[str, int]:
    """By table, over all services. Those of `outbox_pending` wait to be sent."""
    found = dict.fromkeys(TABLES, 0)
    for service in SERVICES:
        connection = await asyncpg.connect(env[f"{service.upper()}_OWNER_DATABASE_URL"])
        try:
            for table in TABLES:
                found[table] += await connection.fetchval(f"select count(*) from {table}")
        finally:
            await connection.close()
    return found
