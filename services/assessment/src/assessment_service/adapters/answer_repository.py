"""Answers as releasing reads and drops them. How they come in is sheet_store.py's business."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from assessment_service.adapters.tables import (
    KeyDestructionRow,
    KeyedSheetRow,
    RoundRow,
)
from servicekit.db import table

_keyed = table(KeyedSheetRow)
_rounds = table(RoundRow)
_destructions = table(KeyDestructionRow)


class SqlKeyedSheets:
    """The port `KeyedSheets`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of_round(self, round_id: UUID) -> list[tuple[bytes, bytes]]:
        rows = await self._connection.execute(
            select(_keyed.c.participation_key, _keyed.c.sealed).where(_keyed.c.round_id == round_id)
        )
        return [(row.participation_key, row.sealed) for row in rows]

    async def drop(self, release_id: UUID) -> int:
        members = select(_rounds.c.round_id).where(_rounds.c.release_id == release_id)
        dropped = await self._connection.execute(
            delete(_keyed).where(_keyed.c.round_id.in_(members))
        )
        return dropped.rowcount


class SqlKeyDestructions:
    """The port `KeyDestructions`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, round_id: UUID, at: datetime) -> None:
        await self._connection.execute(
            insert(_destructions).values(round_id=round_id, destroyed_on=at.date())
        )
