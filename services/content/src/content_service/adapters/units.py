"""Units in PostgreSQL, as the workflow service last published them."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from content_service.adapters.tables import UnitRow
from content_service.adapters.unit_paths import upwards
from content_service.domain.unit import Unit
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

    async def get(self, unit_id: str) -> Unit | None:
        rows = await self._connection.execute(select(_units).where(_units.c.unit_id == unit_id))
        row = rows.one_or_none()
        return Unit(**row._mapping) if row else None

    async def path(self, unit_id: str) -> frozenset[str]:
        links = await self._connection.execute(upwards(unit_id))
        ids = {unit_id, *(id_ for link in links for id_ in link)}
        return frozenset(ids - {None})
