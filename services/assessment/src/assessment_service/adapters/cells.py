"""Released cells in PostgreSQL: inserted once, then only read."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from assessment_service.adapters.scope import within
from assessment_service.adapters.tables import ReleasedCellRow
from assessment_service.application.ports import PageOf, ReleasedCell, Scope
from assessment_service.domain.results import Cell
from assessment_service.domain.round import Occasion, Release
from servicekit.db import table

_cells = table(ReleasedCellRow)


class SqlCells:
    """The port `Cells`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, release: Release, cells: Sequence[Cell]) -> None:
        await self._connection.execute(
            insert(_cells),
            [
                {
                    "release_id": release.release_id,
                    "unit_id": cell.unit_id,
                    "rollout_id": release.rollout_id,
                    "occasion": release.occasion,
                    "unit_path": list(cell.path),
                    "shown": cell.shown,
                    "participation_band": cell.participation_band,
                    "indexes": dict(cell.indexes),
                    "hidden_because": cell.hidden_because,
                    "together": list(cell.together) or None,
                }
                for cell in cells
            ],
        )

    async def explained(
        self, rollout_id: UUID, unit_id: str, occasion: Occasion | None
    ) -> list[ReleasedCell]:
        query = select(_cells).where(
            _cells.c.rollout_id == rollout_id,
            _cells.c.unit_id == unit_id,
            or_(_cells.c.shown, _cells.c.hidden_because.is_not(None)),
        )
        if occasion is not None:
            query = query.where(_cells.c.occasion == occasion)
        rows = await self._connection.execute(query.order_by(_cells.c.release_id))
        return [_released(row) for row in rows]

    async def page(
        self,
        scope: Scope,
        page: PageOf,
        *,
        release_id: UUID | None = None,
        rollout_id: UUID | None = None,
        occasion: Occasion | None = None,
    ) -> tuple[list[ReleasedCell], int]:
        query = select(_cells)
        if scope is not None:
            query = query.where(within(scope, _cells))
        if release_id is not None:
            query = query.where(_cells.c.release_id == release_id)
        if rollout_id is not None:
            query = query.where(_cells.c.rollout_id == rollout_id)
        if occasion is not None:
            query = query.where(_cells.c.occasion == occasion)
        total = await self._connection.scalar(select(func.count()).select_from(query.subquery()))
        ordered = query.order_by(_cells.c.occasion, _cells.c.unit_id, _cells.c.release_id)
        rows = await self._connection.execute(ordered.offset(page.offset).limit(page.limit))
        return [_released(row) for row in rows], total or 0


def _released(row: Row[Any]) -> ReleasedCell:
    cell = Cell(
        row.unit_id,
        tuple(row.unit_path),
        row.shown,
        row.participation_band,
        row.indexes,
        row.hidden_because,
        tuple(row.together or ()),
    )
    return ReleasedCell(row.release_id, row.occasion, cell)
