"""Units in PostgreSQL, as the workflow service last published them."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from assessment_service.adapters.tables import UnitRow
from assessment_service.domain.round import Unit
from servicekit.db import table

_units = table(UnitRow)


class SqlUnits:
    """The port `Units`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def save(self, unit: Unit) -> None:
        upsert = insert(_units).values(
            unit_id=unit.unit_id,
            parent_id=unit.parent_id,
            name=unit.name,
            headcount=unit.headcount,
            version=unit.version,
            dissolved_on=unit.dissolved_on,
        )
        new = {c.name: upsert.excluded[c.name] for c in _units.c if not c.primary_key}
        await self._connection.execute(
            upsert.on_conflict_do_update(
                index_elements=["unit_id"],
                set_=new,
                where=_units.c.version < upsert.excluded.version,
            )
        )

    async def around(self, unit_ids: Collection[str]) -> list[Unit]:
        # `union` drops rows seen before, so the recursion also ends in a ring of units.
        upwards = (
            select(_units).where(_units.c.unit_id.in_(unit_ids)).cte("upwards", recursive=True)
        )
        upwards = upwards.union(select(_units).where(_units.c.unit_id == upwards.c.parent_id))
        below = select(_units).where(_units.c.parent_id.in_(unit_ids))
        rows = await self._connection.execute(select(upwards).union(below))
        return [Unit(**row._mapping) for row in rows]
