"""Assignments in PostgreSQL: one row per rollout, unit and module."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Row, Select, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from content_service.adapters.tables import AssignmentRow
from content_service.adapters.unit_paths import within
from content_service.application.ports import PageOf, Scope
from content_service.domain.assignment import Assignment, ItemProgress
from servicekit.db import table

_assignments = table(AssignmentRow)
_items = TypeAdapter(tuple[ItemProgress, ...])


class SqlAssignments:
    """The port `Assignments`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, assignments: Sequence[Assignment]) -> set[UUID]:
        if not assignments:
            return set()
        # In one order, so that two requests for the same assignments cannot deadlock.
        in_order = sorted(assignments, key=lambda assignment: assignment.assignment_id)
        statement = (
            insert(_assignments).on_conflict_do_nothing().returning(_assignments.c.assignment_id)
        )
        rows = await self._connection.scalars(
            statement, [_values(assignment) for assignment in in_order]
        )
        return set(rows)

    async def find(self, assignment_ids: Collection[UUID]) -> Mapping[UUID, Assignment]:
        query = select(_assignments).where(_assignments.c.assignment_id.in_(assignment_ids))
        rows = await self._connection.execute(query)
        return {row.assignment_id: _assignment(row) for row in rows}

    async def lock(self, assignment_id: UUID) -> Assignment | None:
        query = select(_assignments).where(_assignments.c.assignment_id == assignment_id)
        row = (await self._connection.execute(query.with_for_update())).one_or_none()
        return _assignment(row) if row else None

    async def save(self, assignment: Assignment) -> None:
        same = _assignments.c.assignment_id == assignment.assignment_id
        statement = update(_assignments).where(same).values(_values(assignment))
        await self._connection.execute(statement)

    async def exist_for(self, rollout_id: UUID, unit_id: str) -> bool:
        return bool(await self._connection.scalar(select(_of_unit(rollout_id, unit_id).exists())))

    async def of_unit(self, rollout_id: UUID, unit_id: str) -> list[Assignment]:
        query = _of_unit(rollout_id, unit_id).order_by(_assignments.c.module_id)
        return [_assignment(row) for row in await self._connection.execute(query)]

    async def page(
        self, scope: Scope, unit_id: str | None, rollout_id: UUID | None, page: PageOf
    ) -> tuple[list[Assignment], int]:
        query = select(_assignments)
        if scope is not None:
            query = query.where(within(scope, _assignments.c.unit_id))
        if unit_id is not None:
            query = query.where(_assignments.c.unit_id == unit_id)
        if rollout_id is not None:
            query = query.where(_assignments.c.rollout_id == rollout_id)
        total = await self._connection.scalar(select(func.count()).select_from(query.subquery()))
        columns = _assignments.c
        ordered = query.order_by(columns.unit_id, columns.module_id, columns.assignment_id)
        rows = await self._connection.execute(ordered.offset(page.offset).limit(page.limit))
        return [_assignment(row) for row in rows], total or 0


def _of_unit(rollout_id: UUID, unit_id: str) -> Select[Any]:
    columns = _assignments.c
    return select(_assignments).where(columns.unit_id == unit_id, columns.rollout_id == rollout_id)


def _values(assignment: Assignment) -> dict[str, Any]:
    return {
        "assignment_id": assignment.assignment_id,
        "rollout_id": assignment.rollout_id,
        "unit_id": assignment.unit_id,
        "module_id": assignment.module_id,
        "module_version": assignment.module_version,
        "items": _items.dump_python(assignment.items, mode="json"),
    }


def _assignment(row: Row[Any]) -> Assignment:
    return Assignment(
        assignment_id=row.assignment_id,
        rollout_id=row.rollout_id,
        unit_id=row.unit_id,
        module_id=row.module_id,
        module_version=row.module_version,
        items=_items.validate_python(row.items),
    )
