"""Units in PostgreSQL. Writers hold the tree's lock, so a checked tree stays as checked."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, case, false, func, literal, select, text, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from servicekit.db import table
from workflow_service.adapters.postgres.among import among
from workflow_service.adapters.postgres.tables import UnitRow
from workflow_service.application.ports import PageOf, Place
from workflow_service.domain.organisation.unit import Unit, UnitFacts

_units = table(UnitRow)
_upsert = insert(_units)
_upsert = _upsert.on_conflict_do_update(
    index_elements=["unit_id"],
    set_={name: _upsert.excluded[name] for name in _units.columns.keys() if name != "unit_id"},  # noqa: SIM118
)


class SqlUnits:
    """The port `Units`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def lock_tree(self) -> None:
        # Conflicts with itself and with every write, not with reads.
        await self._connection.execute(text("lock table units in share row exclusive mode"))

    async def all(self) -> dict[str, Unit]:
        rows = await self._connection.execute(select(_units))
        return {row.unit_id: _unit(row) for row in rows}

    async def get(self, unit_id: str) -> Unit | None:
        rows = await self._connection.execute(select(_units).where(_units.c.unit_id == unit_id))
        row = rows.one_or_none()
        return _unit(row) if row else None

    async def page(self, page: PageOf, within: Collection[str] | None) -> tuple[list[Unit], int]:
        wanted = true() if within is None else among(_units.c.unit_id, within)
        count = select(func.count()).select_from(_units).where(wanted)
        total = (await self._connection.execute(count)).scalar_one()
        by_id = select(_units).where(wanted).order_by(_units.c.unit_id)
        rows = await self._connection.execute(by_id.offset(page.offset).limit(page.limit))
        return [_unit(row) for row in rows], total

    async def places(self, unit_ids: Collection[str]) -> dict[str, Place]:
        links = select(_units.c.unit_id, _units.c.parent_id)
        start = select(
            _units.c.unit_id.label("of"),
            _units.c.unit_id,
            _units.c.parent_id,
            literal(0).label("up"),
        ).where(among(_units.c.unit_id, unit_ids))
        way = start.cte("way", recursive=True)
        above = select(way.c.of, _units.c.unit_id, _units.c.parent_id, way.c.up + 1).where(
            _units.c.unit_id == way.c.parent_id
        )
        way = way.union_all(above)
        paths: dict[str, list[str]] = {}
        ordered = select(way.c.of, way.c.unit_id).order_by(way.c.of, way.c.up.desc())
        for row in await self._connection.execute(ordered):
            paths.setdefault(row.of, []).append(row.unit_id)
        children: dict[str, list[str]] = {}
        living = _units.c.dissolved_on.is_(None)
        below = links.where(among(_units.c.parent_id, unit_ids), living).order_by(_units.c.unit_id)
        for row in await self._connection.execute(below):
            children.setdefault(row.parent_id, []).append(row.unit_id)
        return {
            unit_id: Place(tuple(path), tuple(children.get(unit_id, ())))
            for unit_id, path in paths.items()
        }

    async def branches(self) -> dict[str, str]:
        columns = _units.c
        roots = select(
            columns.unit_id, columns.unit_id.label("branch"), true().label("is_root")
        ).where(columns.parent_id.is_(None))
        tree = roots.cte("tree", recursive=True)
        branch = case((tree.c.is_root, columns.unit_id), else_=tree.c.branch)
        below = select(columns.unit_id, branch, false()).where(columns.parent_id == tree.c.unit_id)
        tree = tree.union_all(below)
        # Joined by the caller: PostgreSQL does not know how many rows a recursion gives.
        rows = await self._connection.execute(select(tree.c.unit_id, tree.c.branch))
        return {row.unit_id: row.branch for row in rows}

    async def below(self, unit_ids: Collection[str]) -> frozenset[str]:
        tree = select(_units.c.unit_id).where(among(_units.c.unit_id, unit_ids))
        found = tree.cte("below", recursive=True)
        children = select(_units.c.unit_id).where(_units.c.parent_id == found.c.unit_id)
        found = found.union(children)
        return frozenset((await self._connection.execute(select(found.c.unit_id))).scalars())

    async def save(self, units: Sequence[Unit]) -> None:
        if units:
            await self._connection.execute(_upsert, [_values(unit) for unit in units])


def _values(unit: Unit) -> dict[str, object]:
    facts = unit.facts
    return {
        "unit_id": facts.unit_id,
        "name": facts.name,
        "kind": facts.kind,
        "parent_id": facts.parent_id,
        "headcount": facts.headcount,
        "version": unit.version,
        "dissolved_on": unit.dissolved_on,
        "successor_id": unit.successor_id,
    }


def _unit(row: Row[Any]) -> Unit:
    facts = UnitFacts(row.unit_id, row.name, row.kind, row.parent_id, row.headcount)
    return Unit(facts, row.version, row.dissolved_on, row.successor_id)
