"""Units' managers as they were announced last, in PostgreSQL."""

from collections.abc import Sequence

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from people_service.adapters.tables import ManagementRow
from people_service.domain.management import Management
from servicekit.db import table

_managements = table(ManagementRow)
_ONE_AT_A_TIME = text("select pg_advisory_xact_lock(hashtext('managements'))")


class SqlManagements:
    """The port `Managements`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def all_locked(self) -> dict[str, Management]:
        await self._connection.execute(_ONE_AT_A_TIME)
        rows = await self._connection.execute(select(_managements))
        return {
            row.unit_id: Management(
                row.unit_id, frozenset(row.managers), frozenset(row.newcomers), row.version
            )
            for row in rows
        }

    async def save(self, managements: Sequence[Management]) -> None:
        if not managements:
            return
        statement = insert(_managements)
        fields = ("managers", "newcomers", "version")
        await self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["unit_id"],
                set_={name: statement.excluded[name] for name in fields},
            ),
            [
                {
                    "unit_id": one.unit_id,
                    "managers": sorted(one.managers),
                    "newcomers": sorted(one.newcomers),
                    "version": one.version,
                }
                for one in managements
            ],
        )

    async def newcomers(self, unit_id: str) -> frozenset[str]:
        found = select(_managements.c.newcomers).where(_managements.c.unit_id == unit_id)
        return frozenset((await self._connection.execute(found)).scalar_one_or_none() or ())
