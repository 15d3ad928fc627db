"""Planned changes of the organisation in PostgreSQL."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, TypeAdapter
from sqlalchemy import Row, func, insert, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from servicekit.db import table
from workflow_service.adapters.postgres.tables import UnitChangeRow
from workflow_service.application.ports import PageOf
from workflow_service.domain.organisation.unit_change import Change, PlannedChange, Status

_changes = table(UnitChangeRow)
_documents: TypeAdapter[Change] = TypeAdapter(Annotated[Change, Field(discriminator="kind")])


class SqlUnitChanges:
    """The port `UnitChanges`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, planned: PlannedChange) -> None:
        row = {
            "change_id": planned.change_id,
            "document": _documents.dump_python(planned.change, mode="json"),
            "effective_on": planned.effective_on,
            "reason": planned.reason,
            "by": planned.by,
            "created_at": planned.created_at,
            "status": planned.status,
        }
        await self._connection.execute(insert(_changes).values(row))

    async def lock(self, change_id: UUID) -> PlannedChange | None:
        same = select(_changes).where(_changes.c.change_id == change_id)
        row = (await self._connection.execute(same.with_for_update())).one_or_none()
        return _planned(row) if row else None

    async def save(self, planned: PlannedChange) -> None:
        await self._connection.execute(
            update(_changes)
            .where(_changes.c.change_id == planned.change_id)
            .values(status=planned.status, settled_at=planned.settled_at, refusal=planned.refusal)
        )

    async def due(self, today: date) -> list[UUID]:
        due = select(_changes.c.change_id).where(
            _changes.c.status == "planned", _changes.c.effective_on <= today
        )
        ordered = due.order_by(_changes.c.effective_on, _changes.c.created_at)
        return list((await self._connection.execute(ordered)).scalars())

    async def page(self, page: PageOf, status: Status | None) -> tuple[list[PlannedChange], int]:
        wanted = true() if status is None else _changes.c.status == status
        count = select(func.count()).select_from(_changes).where(wanted)
        total = (await self._connection.execute(count)).scalar_one()
        latest = (
            select(_changes)
            .where(wanted)
            .order_by(_changes.c.effective_on.desc(), _changes.c.created_at.desc())
        )
        rows = await self._connection.execute(latest.offset(page.offset).limit(page.limit))
        return [_planned(row) for row in rows], total


def _planned(row: Row[Any]) -> PlannedChange:
    return PlannedChange(
        change_id=row.change_id,
        change=_documents.validate_python(row.document),
        effective_on=row.effective_on,
        reason=row.reason,
        by=row.by,
        created_at=row.created_at,
        status=row.status,
        settled_at=row.settled_at,
        refusal=row.refusal,
    )
