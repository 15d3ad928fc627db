"""The units that the workflow service has, in PostgreSQL."""

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from people_service.adapters.tables import UnitRow
from people_service.domain.dissolution import Dissolution
from servicekit.db import table

_units = table(UnitRow)


class SqlUnits:
    """The port `Units`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def remember(self, unit_id: str, version: int) -> bool:
        statement = insert(_units).values(unit_id=unit_id, version=version)
        result = await self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["unit_id"],
                set_={"version": statement.excluded.version},
                where=_units.c.version < statement.excluded.version,
            )
        )
        return result.rowcount == 1

    async def dissolve(self, end: Dissolution) -> None:
        same = _units.c.unit_id == end.unit_id
        await self._connection.execute(
            update(_units)
            .where(same)
            .values(dissolved_on=end.dissolved_on, successor_id=end.successor_id)
        )

    async def dissolved(self) -> dict[str, Dissolution]:
        ended = select(_units).where(_units.c.dissolved_on.is_not(None))
        return {
            row.unit_id: Dissolution(row.unit_id, row.dissolved_on, row.successor_id)
            for row in await self._connection.execute(ended)
        }

    async def known(self) -> set[str]:
        rows = await self._connection.execute(select(_units.c.unit_id))
        return set(rows.scalars())
