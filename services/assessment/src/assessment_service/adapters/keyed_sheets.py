"""Sealed sheets in PostgreSQL, read and dropped after their release. sheet_store.py stores them.

Each release has a partition of its own, which is dropped as a whole: deleted rows would stay in the
table's files. Two functions of the database make and drop it (migration 0007).
"""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from assessment_service.application.sealing_ports import SealedSheet

_READ = (
    "select round_id, participation_key, sealed from keyed_sheets"
    " where $1::uuid is null or round_id = $1"
)
_BATCH = 5_000
# Who waits for a lock on all sheets makes answers wait too, so not for long: the job comes again.
_LOCK_TIMEOUT = text("set local lock_timeout = '1s'")


def partition(release_id: UUID) -> str:
    """The table of a release's sheets."""
    return f"keyed_sheets_{release_id.hex}"


class SqlKeyedSheets:
    """The port `KeyedSheets`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def prepare(self, release_id: UUID) -> None:
        await self._connection.execute(select(func.prepare_sheets(release_id)))

    async def of_release(
        self, release_id: UUID, round_id: UUID | None = None
    ) -> AsyncIterator[Sequence[SealedSheet]]:
        # Rows of the driver: those of SQLAlchemy cost much more.
        driver = (await self._connection.get_raw_connection()).driver_connection
        assert driver
        query = _READ.replace("keyed_sheets", partition(release_id))
        cursor = await driver.cursor(query, round_id)
        while rows := await cursor.fetch(_BATCH):
            yield [tuple(row) for row in rows]

    async def drop(self, release_id: UUID) -> int:
        await self._connection.execute(_LOCK_TIMEOUT)
        return await self._connection.scalar(select(func.drop_sheets(release_id))) or 0
