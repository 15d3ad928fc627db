"""Units and their managers as the workflow service last reported them, in PostgreSQL."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from notification_service.adapters.tables import UnitManagerRow, UnitRow
from servicekit.db import table

_units = table(UnitRow)
_unit_managers = table(UnitManagerRow)


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

    async def assign_manager(self, unit_id: str, manager_id: str, version: int) -> str | None:
        before = (
            await self._connection.execute(
                select(_unit_managers).where(_unit_managers.c.unit_id == unit_id).with_for_update()
            )
        ).one_or_none()
        if before and before.version >= version:
            return None
        statement = insert(_unit_managers).values(
            unit_id=unit_id, manager_id=manager_id, version=version
        )
        excluded = statement.excluded
        await self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["unit_id"],
                set_={"manager_id": excluded.manager_id, "version": excluded.version},
                where=_unit_managers.c.version < excluded.version,
            )
        )
        return before.manager_id if before and before.manager_id != manager_id else None
