"""Units in PostgreSQL. Writers hold the tree's lock, so a checked tree stays as checked."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, func, select, text, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from servicekit.db import table
from workflow_service.adapters.postgres.unit_tables import UnitRow
from workflow_service.domain.organisation.unit import Unit, UnitFacts

_units = table(UnitRow)
_upsert = insert(_units)
_upsert = _upsert.on_conflict_do_update(
    index_elements=["unit_id"],
    set_={name: _upsert.excluded[name] for name in _units.columns.keys() if name != "unit_id"},  # noqa: SIM118
)


class SqlUnitRepository:
    """The port `UnitRepository` on an open session."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def lock_tree(self) -> None:
        # Conflicts with itself and with every write, not with reads.
        await self._execute(text("lock table units in share row exclusive mode"))

    async def all(self) -> dict[str, Unit]:
        rows = await self._execute(select(_units))
        return {row.unit_id: _unit(row) for row in rows}

    async def get(self, unit_id: str) -> Unit | None:
        rows = await self._execute(select(_units).where(_units.c.unit_id == unit_id))
        row = rows.one_or_none()
        return _unit(row) if row else None

    async def page(
        self, offset: int, limit: int, within: Collection[str] | None
    ) -> tuple[list[Unit], int]:
        wanted = true() if within is None else _units.c.unit_id.in_(within)
        count = select(func.count()).select_from(_units).where(wanted)
        total = (await self._execute(count)).scalar_one()
        by_id = select(_units).where(wanted).order_by(_units.c.unit_id)
        ordered = by_id.offset(offset).limit(limit)
        return [_unit(row) for row in await self._execute(ordered)], total

    async def save(self, units: Sequence[Unit]) -> None:
        if units:
            await self._connection.execute(_upsert, [_values(unit) for unit in units])

    async def _execute(self, statement: Any) -> Any:
        return await self._connection.execute(statement)


def _values(unit: Unit) -> dict[str, object]:
    facts = unit.facts
    return {
        "unit_id": facts.unit_id,
        "name": facts.name,
        "kind": facts.kind,
        "parent_id": facts.parent_id,
        "headcount": facts.headcount,
        "manager_id": unit.manager_id,
        "version": unit.version,
    }


def _unit(row: Row[Any]) -> Unit:
    facts = UnitFacts(row.unit_id, row.name, row.kind, row.parent_id, row.headcount)
    return Unit(facts, row.manager_id, row.version)
