"""Which units are reported together, in PostgreSQL: a row per unit, so that none is in two
groups."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from assessment_service.adapters.tables import ReportGroupRow
from assessment_service.domain.report_group import ReportGroup
from servicekit.db import table

_groups = table(ReportGroupRow)


class SqlReportGroups:
    """The port `ReportGroups`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of_rollout(self, rollout_id: UUID) -> list[ReportGroup]:
        return await self._all(_of(rollout_id))

    async def of_unit(self, rollout_id: UUID, unit_id: str) -> ReportGroup | None:
        own = select(_groups.c.group_id).where(
            _groups.c.rollout_id == rollout_id, _groups.c.unit_id == unit_id
        )
        found = await self._all(_of(rollout_id).where(_groups.c.group_id.in_(own)))
        return found[0] if found else None

    async def replace(self, rollout_id: UUID, groups: Collection[ReportGroup]) -> None:
        await self._connection.execute(delete(_groups).where(_groups.c.rollout_id == rollout_id))
        rows = [
            {"rollout_id": rollout_id, "unit_id": unit_id, "group_id": group.group_id}
            for group in groups
            for unit_id in group.unit_ids
        ]
        if rows:
            await self._connection.execute(insert(_groups), rows)

    async def _all(self, query: Select[Any]) -> list[ReportGroup]:
        units: dict[UUID, list[str]] = {}
        for row in await self._connection.execute(query.order_by(_groups.c.unit_id)):
            units.setdefault(row.group_id, []).append(row.unit_id)
        return [ReportGroup(group_id, tuple(of_group)) for group_id, of_group in units.items()]


def _of(rollout_id: UUID) -> Select[Any]:
    return select(_groups).where(_groups.c.rollout_id == rollout_id)
