"""Sealed sheets in PostgreSQL, read and dropped after their release. sheet_store.py stores them.

Each release has a partition of its own, which is dropped as a whole: deleted rows would stay in the
table's files. Two functions of the database make and drop it (migration 0007).
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnClause, TableClause, Uuid, column, func, select, table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from assessment_service.application.ports import SealedSheet

# Who waits for a lock on all sheets makes answers wait too, so not for long: the job comes again.
_IN_BATCHES = {"yield_per": 5_000}
_LOCK_TIMEOUT = text("set local lock_timeout = '1s'")


def partition(release_id: UUID) -> str:
    """The table of a release's sheets."""
    return f"keyed_sheets_{release_id.hex}"


def _sheets(release_id: UUID) -> TableClause:
    names: tuple[ColumnClause[Any], ...] = (
        column("round_id", Uuid()),
        column("participation_key"),
        column("sealed"),
    )
    return table(partition(release_id), *names)


class SqlKeyedSheets:
    """The port `KeyedSheets`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def prepare(self, release_id: UUID) -> None:
        await self._connection.execute(select(func.prepare_sheets(release_id)))

    async def of_release(
        self, release_id: UUID, round_id: UUID | None = None
    ) -> AsyncIterator[Sequence[SealedSheet]]:
        sheets = _sheets(release_id)
        query = select(sheets)
        if round_id is not None:
            query = query.where(sheets.c.round_id == round_id)
        async with self._connection.stream(query, execution_options=_IN_BATCHES) as rows:
            async for batch in rows.partitions():
                yield [(row.round_id, row.participation_key, row.sealed) for row in batch]

    async def drop(self, release_id: UUID) -> int:
        await self._connection.execute(_LOCK_TIMEOUT)
        return await self._connection.scalar(select(func.drop_sheets(release_id))) or 0
