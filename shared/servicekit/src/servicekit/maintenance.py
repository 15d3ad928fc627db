"""Keeps servicekit's own tables from growing for ever, and outbox partitions ready ahead."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.registry import TOPICS
from servicekit.runtime import Every

_SECONDS = 3600
_DAYS_AHEAD = 7  # A week, so that a lock held now, by a backup say, may wait.
OUTBOX_DAYS = 30
# An event can come again while a topic keeps it; sent again from the dead letters, which are kept
# 30 days, it is kept anew.
INBOX_DAYS = max(topic.retention_days for topic in TOPICS.values()) + 45
IDEMPOTENCY_KEY_DAYS = 7
_BATCH = 5_000

_DELETE = """
    delete from {table} where ctid = any(array(
        select ctid from {table} where {column} < current_date - cast(:days as int)
        limit :batch for update skip locked
    ))
"""


def maintenance(engine: AsyncEngine) -> Every:
    """The component of a worker that maintains its database every hour. Several do no harm."""
    return Every(_SECONDS, lambda: maintain(engine), "maintenance")


async def maintain(engine: AsyncEngine) -> None:
    """Delete what is past its days, then add and drop outbox partitions.

    Raises DBAPIError, also when the outbox is locked for more than two seconds.
    """
    await _delete(engine, "inbox", "received_on", INBOX_DAYS)
    await _delete(engine, "idempotency_keys", "created_at", IDEMPOTENCY_KEY_DAYS)
    async with engine.begin() as connection:
        await connection.execute(
            text("select outbox_maintain_partitions(:days_ahead, :keep_days)"),
            {"days_ahead": _DAYS_AHEAD, "keep_days": OUTBOX_DAYS},
        )


async def _delete(engine: AsyncEngine, table: str, column: str, days: int) -> None:
    """In batches of a transaction each: a long one would hold locks and swell the table."""
    statement = text(_DELETE.format(table=table, column=column))
    deleted = _BATCH
    while deleted == _BATCH:
        async with engine.begin() as connection:
            result = await connection.execute(statement, {"days": days, "batch": _BATCH})
            deleted = result.rowcount
