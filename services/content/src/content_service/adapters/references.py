"""Known rollouts and units in PostgreSQL, and what assignments refer to beyond them."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import String, cast, func, literal, or_, select, union
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from content_service.adapters.tables import AssignmentRow, RolloutRow, UnitRow
from content_service.adapters.unit_paths import within
from content_service.application.ports import PageOf, Scope
from content_service.domain.reference import UnknownReference
from servicekit.db import table

_rollouts = table(RolloutRow)
_units = table(UnitRow)
_assignments = table(AssignmentRow)


class SqlReferences:
    """The port `References`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_rollout(self, rollout_id: UUID, unit_ids: Collection[str]) -> None:
        new = insert(_rollouts).values(rollout_id=rollout_id, unit_ids=sorted(unit_ids))
        await self._connection.execute(new.on_conflict_do_nothing())

    async def outside(self, rollout_id: UUID, unit_ids: Collection[str]) -> list[str]:
        known = select(_rollouts.c.unit_ids).where(_rollouts.c.rollout_id == rollout_id)
        members = set(await self._connection.scalar(known) or ())
        return [unit_id for unit_id in unit_ids if unit_id not in members] if members else []

    async def occurs(self, rollout_id: UUID) -> bool:
        known = select(_rollouts).where(_rollouts.c.rollout_id == rollout_id).exists()
        assigned = select(_assignments).where(_assignments.c.rollout_id == rollout_id).exists()
        return bool(await self._connection.scalar(select(or_(known, assigned))))

    async def unknown(self, rollout_id: UUID, unit_ids: Collection[str]) -> list[UnknownReference]:
        rollout = select(cast(_rollouts.c.rollout_id, String)).where(
            _rollouts.c.rollout_id == rollout_id
        )
        units = select(_units.c.unit_id).where(_units.c.unit_id.in_(unit_ids))
        known = set(await self._connection.scalars(rollout.union_all(units)))
        wanted = [
            UnknownReference("rollout", str(rollout_id)),
            *(UnknownReference("unit", unit_id) for unit_id in dict.fromkeys(unit_ids)),
        ]
        return [one for one in wanted if one.reference not in known]

    async def open_problems(self, scope: Scope, page: PageOf) -> tuple[list[UnknownReference], int]:
        columns = _assignments.c
        rollouts = select(literal("rollout"), cast(columns.rollout_id, String)).where(
            columns.rollout_id.not_in(select(_rollouts.c.rollout_id))
        )
        units = select(literal("unit"), columns.unit_id).where(
            columns.unit_id.not_in(select(_units.c.unit_id))
        )
        if scope is not None:
            seen = within(scope, columns.unit_id)
            rollouts, units = rollouts.where(seen), units.where(seen)
        found = union(rollouts, units).subquery()
        total = await self._connection.scalar(select(func.count()).select_from(found))
        ordered = select(found).order_by(*found.c).offset(page.offset).limit(page.limit)
        rows = await self._connection.execute(ordered)
        return [UnknownReference(kind, reference) for kind, reference in rows], total or 0
