"""Whether anything may be sent, in PostgreSQL; the restore of a database writes the row, too."""

from datetime import datetime

from sqlalchemy import delete, exists, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from notification_service.adapters.tables import MessageRow, QuarantineRow
from notification_service.application.ports import Held
from servicekit.db import table

_quarantine = table(QuarantineRow)
_messages = table(MessageRow)
NOTHING_HELD = ~exists(select(_quarantine.c.single))
"""For what claims something to send."""


class SqlQuarantine:
    """The port `Quarantine`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def held(self) -> Held | None:
        row = (await self._connection.execute(select(_quarantine).with_for_update())).one_or_none()
        return Held(row.since, row.reason) if row else None

    async def hold(self, held: Held) -> None:
        row = {"since": held.since, "reason": held.reason}
        await self._connection.execute(insert(_quarantine).values(row).on_conflict_do_nothing())

    async def lift(self, sent_until: datetime | None, now: datetime) -> int:
        await self._connection.execute(delete(_quarantine))
        if sent_until is None:
            return 0
        done = await self._connection.execute(
            update(_messages)
            .where(_messages.c.status == "pending", _messages.c.created_at <= sent_until)
            .values(status="sent", reason="already-sent", next_attempt_at=None, settled_at=now)
        )
        return done.rowcount
