"""Units as the workflow service last reported them, in PostgreSQL."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from notification_service.adapters.tables import UnitRow
from servicekit.db import table

_units = table(UnitRow)


class SqlUnits:
    """The port `Units`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def remember(self, unit_id: str, name: str, version: int) -> None:
        statement = insert(_units).values(unit_id=unit_id, name=name, version=version)
        excluded = statement.excluded
        await self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["unit_id"],
                set_={"name": excluded.name, "version": excluded.version},
                where=_units.c.version < excluded.version,
            )
        )
