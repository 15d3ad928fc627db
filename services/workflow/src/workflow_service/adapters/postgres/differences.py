"""Differences that are left for a person, in PostgreSQL."""

from collections.abc import Collection, Sequence
from dataclasses import astuple, fields
from uuid import uuid4

from sqlalchemy import delete, func, insert, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from servicekit.db import table
from workflow_service.adapters.postgres.among import among
from workflow_service.adapters.postgres.tables import DifferenceRow
from workflow_service.application.ports import Difference, PageOf

_differences = table(DifferenceRow)
_NAMES = [field.name for field in fields(Difference)]
_columns = [_differences.c[name] for name in _NAMES]


class SqlDifferences:
    """The port `Differences`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def replace(self, found: Sequence[Difference]) -> None:
        rows = await self._connection.execute(select(_differences.c.difference_id, *_columns))
        known = {Difference(*row[1:]): row.difference_id for row in rows}
        gone = [key for one, key in known.items() if one not in found]
        await self._connection.execute(
            delete(_differences).where(_differences.c.difference_id.in_(gone))
        )
        new = [one for one in dict.fromkeys(found) if one not in known]
        if new:
            values = [dict(zip(_NAMES, astuple(one), strict=True)) for one in new]
            row = insert(_differences).values(since=func.now())
            await self._connection.execute(
                row, [{**one, "difference_id": uuid4()} for one in values]
            )

    async def page(
        self, page: PageOf, unit_ids: Collection[str] | None = None
    ) -> tuple[list[Difference], int]:
        of_unit = _differences.c.unit_id
        wanted = true() if unit_ids is None else or_(among(of_unit, unit_ids), of_unit.is_(None))
        count = select(func.count()).select_from(_differences).where(wanted)
        total = (await self._connection.execute(count)).scalar_one()
        order = (_differences.c.code, of_unit, _differences.c.rollout_id, _differences.c.what)
        rows = await self._connection.execute(
            select(*_columns).where(wanted).order_by(*order).offset(page.offset).limit(page.limit)
        )
        return [Difference(*row) for row in rows], total
