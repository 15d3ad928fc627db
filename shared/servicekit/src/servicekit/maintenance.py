"""Deletes old rows of servicekit's own tables, creates outbox partitions in advance, and signs
the end of the audit trail."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.registry import TOPICS
from servicekit.audit_heads import sign_end
from servicekit.outbox import OUTBOX_DAYS
from servicekit.runtime import Every
from servicekit.settings import Audit

_SECONDS = 3600
_DAYS_AHEAD = 7  # A week: if a backup, for example, holds a lock now, a later run succeeds.
# An event can arrive again while a topic keeps it. Dead letters are kept for 30 days; one that is
# sent again is kept for 30 days more.
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
    """The component of a worker that maintains its database every hour. Several may run at once."""
    return Every(_SECONDS, lambda: maintain(engine), "maintenance")


def audit_trail(engine: AsyncEngine, service: str, source: str, settings: Audit) -> Every:
    """The component of a worker that signs the end of the audit trail. Several may run at once."""

    async def sign() -> None:
        await sign_end(engine, service, source, settings)

    return Every(settings.sign_every_seconds, sign, "audit-trail")


async def maintain(engine: AsyncEngine) -> None:
    """Delete what is too old, then add and drop outbox partitions.

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
    """In batches, each in its own transaction: a long one would hold locks and bloat the table."""
    statement = text(_DELETE.format(table=table, column=column))
    deleted = _BATCH
    while deleted == _BATCH:
        async with engine.begin() as connection:
            result = await connection.execute(statement, {"days": days, "batch": _BATCH})
            deleted = result.rowcount
