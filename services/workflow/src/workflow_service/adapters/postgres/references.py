"""What other services have published, in PostgreSQL."""

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from servicekit.db import table
from workflow_service.adapters.postgres.tables import PublishedReferenceRow
from workflow_service.application.ports import Reference

_published = table(PublishedReferenceRow)


class SqlReferences:
    """The port `References`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, kind: Literal["instrument", "module"], id_: str, version: int) -> None:
        row = insert(_published).values(kind=kind, id=id_, version=version)
        await self._connection.execute(row.on_conflict_do_nothing())

    async def unknown(self, references: Sequence[Reference]) -> list[Reference]:
        ids = {reference.id for reference in references}
        rows = await self._connection.execute(select(_published).where(_published.c.id.in_(ids)))
        known = {(row.kind, row.id, row.version) for row in rows}
        named = {(kind, id_, None) for kind, id_, _ in known}
        return [
            each for each in references if (each.kind, each.id, each.version) not in known | named
        ]

    async def all(self) -> frozenset[Reference]:
        rows = await self._connection.execute(select(_published))
        return frozenset(Reference(row.kind, row.id, row.version) for row in rows)
