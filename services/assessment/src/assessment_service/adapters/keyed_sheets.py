"""Sealed sheets in PostgreSQL, read and deleted after their round. sheet_store.py stores them."""

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from assessment_service.adapters.tables import KeyedSheetRow, RoundRow
from servicekit.db import table

_keyed = table(KeyedSheetRow)
_rounds = table(RoundRow)


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
