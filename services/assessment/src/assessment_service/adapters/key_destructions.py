"""The record of destroyed keys in PostgreSQL: inserted, never changed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from assessment_service.adapters.tables import KeyDestructionRow
from assessment_service.domain.calendar import civil_date
from servicekit.db import table

_destructions = table(KeyDestructionRow)


class SqlKeyDestructions:
    """The port `KeyDestructions`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, round_id: UUID, at: datetime) -> None:
        await self._connection.execute(
            insert(_destructions).values(round_id=round_id, destroyed_on=civil_date(at))
        )
