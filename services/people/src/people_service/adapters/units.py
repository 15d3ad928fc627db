"""Units and their managers as the workflow service last reported them, in PostgreSQL."""

from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from people_service.adapters.tables import UnitManagerRow, UnitRow
from servicekit.db import table

_units = table(UnitRow)
_unit_managers = table(UnitManagerRow)


class SqlUnits:
    """The port `Units`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def remember(self, unit_id: str, version: int) -> None:
        await self._keep_newest(_units, unit_id=unit_id, version=version)

    async def known(self) -> set[str]:
        rows = await self._connection.execute(select(_units.c.unit_id))
        return set(rows.scalars())

    async def managers(self) -> dict[str, str]:
        rows = await self._connection.execute(
            select(_unit_managers.c.unit_id, _unit_managers.c.manager_id)
        )
        return {row.unit_id: row.manager_id for row in rows}

    async def assign_manager(self, unit_id: str, manager_id: str, version: int) -> None:
        await self._keep_newest(
            _unit_managers, unit_id=unit_id, manager_id=manager_id, version=version
        )

    async def _keep_newest(self, target: Table, **row: Any) -> None:
        statement = insert(target).values(row)
        await self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["unit_id"],
                set_={name: statement.excluded[name] for name in row},
                where=target.c.version < statement.excluded.version,
            )
        )
