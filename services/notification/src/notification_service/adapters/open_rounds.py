"""The rounds that take answers, as the assessment service last reported them, in PostgreSQL."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from notification_service.adapters.tables import OpenRoundRow
from notification_service.application.ports import OpenRound
from servicekit.db import table

_rounds = table(OpenRoundRow)
_LOCK = text("select pg_advisory_xact_lock(hashtextextended(:unit_id, hashtext('open-rounds')))")


class SqlOpenRounds:
    """The port `OpenRounds`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def lock(self, unit_id: str) -> None:
        await self._connection.execute(_LOCK, {"unit_id": unit_id})

    async def add(self, opened: OpenRound) -> None:
        row = {
            "round_id": opened.round_id,
            "unit_id": opened.unit_id,
            "occasion": opened.occasion,
            "closes_at": opened.closes_at,
        }
        await self._connection.execute(insert(_rounds).values(row).on_conflict_do_nothing())

    async def move(self, round_id: UUID, closes_at: datetime) -> None:
        await self._connection.execute(
            update(_rounds).where(_rounds.c.round_id == round_id).values(closes_at=closes_at)
        )

    async def remove(self, round_id: UUID) -> None:
        await self._connection.execute(delete(_rounds).where(_rounds.c.round_id == round_id))

    async def of_unit(self, unit_id: str, now: datetime) -> list[OpenRound]:
        rows = await self._connection.execute(
            select(_rounds)
            .where(_rounds.c.unit_id == unit_id, _rounds.c.closes_at > now)
            .order_by(_rounds.c.round_id)
        )
        return [OpenRound(row.round_id, row.unit_id, row.occasion, row.closes_at) for row in rows]
