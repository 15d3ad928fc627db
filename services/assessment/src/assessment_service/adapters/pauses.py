"""Pauses in PostgreSQL, one row per mark. Reading and adding exclude each other per rollout: a
round that opens while a pause arrives is found by the pause, or finds it."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from assessment_service.adapters.tables import PauseRow
from assessment_service.domain.pauses import Mark
from servicekit.db import table

_pauses = table(PauseRow)


class SqlPauses:
    """The port `Pauses`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def lock(self, rollout_id: UUID) -> None:
        await self._connection.execute(select(func.pg_advisory_xact_lock(_lock_of(rollout_id))))

    async def add(self, event_id: UUID, mark: Mark) -> None:
        await self.lock(mark.rollout_id)
        new = insert(_pauses).values(
            event_id=event_id,
            rollout_id=mark.rollout_id,
            unit_id=mark.unit_id,
            at=mark.at,
            paused=mark.paused,
        )
        await self._connection.execute(new.on_conflict_do_nothing())

    async def of_rollout(self, rollout_id: UUID) -> list[Mark]:
        # A statement of its own: what is read must be as it is once the lock is held.
        await self._connection.execute(
            select(func.pg_advisory_xact_lock_shared(_lock_of(rollout_id)))
        )
        rows = await self._connection.execute(
            select(_pauses).where(_pauses.c.rollout_id == rollout_id)
        )
        return [Mark(row.rollout_id, row.unit_id, row.at, row.paused) for row in rows]


def _lock_of(rollout_id: UUID) -> int:
    return int.from_bytes(rollout_id.bytes[:8], signed=True)
