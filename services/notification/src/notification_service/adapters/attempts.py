"""The log of attempts, in PostgreSQL; it is removed with the messages and deliveries."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, Table, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from notification_service.adapters.exchange import to_json
from notification_service.adapters.tables import AttemptRow
from notification_service.application.sending_ports import Attempt
from servicekit.db import table

_attempts = table(AttemptRow)


class SqlAttempts:
    """The port `Attempts`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, attempts: Sequence[Attempt]) -> None:
        if not attempts:
            return
        rows = [
            {
                "item_id": attempt.item_id,
                "number": attempt.number,
                "started_at": attempt.started_at,
                "duration_ms": attempt.duration_ms,
                "result": attempt.outcome.result,
                "reason": attempt.outcome.reason,
                "status_code": attempt.outcome.status_code,
                "exchange": to_json(attempt.outcome.exchange),
            }
            for attempt in attempts
        ]
        await self._connection.execute(insert(_attempts).on_conflict_do_nothing(), rows)


async def remove_settled(
    connection: AsyncConnection,
    rows: Table,
    ids: Column[UUID],
    before: datetime,
    limit: int,
) -> int:
    """Delete the rows settled before a time, oldest first, with their attempts; return how many."""
    settled_at = rows.c.settled_at
    old = (
        select(ids.label("id"))
        .where(settled_at < before)
        .order_by(settled_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("old")
    )
    log = delete(_attempts).where(_attempts.c.item_id == old.c.id).cte("log")
    removed = await connection.execute(delete(rows).where(ids == old.c.id).add_cte(log))
    return removed.rowcount
