"""Who belongs to a unit from a day on that has come by now, in PostgreSQL."""

from datetime import date

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from people_service.adapters.persons import ONE_WRITER_AT_A_TIME
from people_service.adapters.tables import AnnouncedDayRow, AssignmentRow
from people_service.domain.membership import MEMBERS
from servicekit.db import table

_announced = table(AnnouncedDayRow)
_assignments = table(AssignmentRow)


class SqlJoiners:
    """The port `Joiners`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def day(self) -> date | None:
        last: date | None = (await self._connection.execute(select(_announced.c.day))).scalar_one()
        return last

    async def begun(self, today: date) -> set[str]:
        await self._connection.execute(ONE_WRITER_AT_A_TIME)
        before = await self.day()
        await self._connection.execute(update(_announced).values(day=today))
        if before is None:
            return set()
        first = _assignments.c.valid_from
        units = select(_assignments.c.unit_id).where(
            _assignments.c.role.in_(MEMBERS), first > before, first <= today
        )
        return set((await self._connection.execute(units.distinct())).scalars())
