"""The rounds that take answers, as the assessment service last reported them, in PostgreSQL."""

from dataclasses import asdict, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from notification_service.adapters.tables import OpenRoundRow
from notification_service.application.round_ports import OpenRound
from servicekit.db import table

_rounds = table(OpenRoundRow)
_LOCK = select(func.pg_advisory_xact_lock(func.hashtext("open-rounds")))


class SqlOpenRounds:
    """The port `OpenRounds`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def lock(self) -> None:
        await self._connection.execute(_LOCK)

    async def add(self, opened: OpenRound) -> OpenRound:
        statement = insert(_rounds).values(asdict(opened)).on_conflict_do_nothing()
        await self._connection.execute(statement)
        stored = await self.get(opened.round_id)
        assert stored
        return stored

    async def get(self, round_id: UUID) -> OpenRound | None:
        found = await self._connection.execute(
            select(_rounds).where(_rounds.c.round_id == round_id)
        )
        row = found.one_or_none()
        return open_round(row) if row else None

    async def move(self, round_id: UUID, closes_at: datetime) -> None:
        await self._change(round_id, closes_at=closes_at)

    async def count_over_cap(self, round_id: UUID, people: int) -> None:
        await self._change(round_id, over_cap=people)

    async def _change(self, round_id: UUID, **values: Any) -> None:
        await self._connection.execute(
            update(_rounds).where(_rounds.c.round_id == round_id).values(**values)
        )

    async def remove(self, round_id: UUID) -> None:
        await self._connection.execute(delete(_rounds).where(_rounds.c.round_id == round_id))

    async def of_unit(self, unit_id: str, now: datetime) -> list[OpenRound]:
        rows = await self._connection.execute(
            select(_rounds)
            .where(_rounds.c.unit_id == unit_id, _rounds.c.closes_at > now)
            .order_by(_rounds.c.round_id)
        )
        return [open_round(row) for row in rows]


def open_round(row: Row[Any]) -> OpenRound:
    """A row with all columns of the table."""
    values = {one.name: getattr(row, one.name) for one in fields(OpenRound)}
    return OpenRound(**values | {"together": tuple(row.together)})
