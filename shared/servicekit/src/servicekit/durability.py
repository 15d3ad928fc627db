"""A PostgreSQL that may lose what it has committed is refused."""

import asyncpg

from servicekit.failures import DRIVER_ERRORS

_NEEDED = ("fsync", "full_page_writes", "synchronous_commit")
_ASK_SECONDS = 3


class NotDurable(Exception):
    """What is switched off."""


async def check_durability(dsn: str) -> None:
    """Raises NotDurable. A server that does not answer is not asked again: a process starts
    without it."""
    try:
        connection = await asyncpg.connect(dsn, timeout=_ASK_SECONDS)
    except (OSError, *DRIVER_ERRORS):
        return
    try:
        rows = await connection.fetch(
            "select name from pg_settings where name = any($1) and setting = 'off' order by name",
            _NEEDED,
        )
    finally:
        await connection.close()
    if rows:
        names = ", ".join(f"{row['name']}=off" for row in rows)
        raise NotDurable(f"PostgreSQL may lose what it has committed: it has {names}")
