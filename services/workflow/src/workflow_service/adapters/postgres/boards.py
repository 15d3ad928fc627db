"""All units of a rollout in short: only what a board shows is read."""

from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from servicekit.db import table
from workflow_service.adapters.postgres.situations import matches
from workflow_service.adapters.postgres.tables import JourneyRow, UnitRow
from workflow_service.application.ports import BoardRow, JourneyFilter
from workflow_service.domain.journey.journey import ENDED

_journeys = table(JourneyRow)
_units = table(UnitRow)


class SqlBoards:
    """The port `Boards`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def rows(self, rollout_id: UUID, wanted: JourneyFilter, at_most: int) -> list[BoardRow]:
        columns = _journeys.c
        others = _journeys.alias()
        under_way = select(others.c.unit_id).where(
            others.c.rollout_id != rollout_id,
            others.c.step_started_at.is_not(None),
            others.c.status.not_in(ENDED),
        )
        query = (
            select(
                *(columns.unit_id, _units.c.name, columns.wave, columns.step, columns.status),
                and_(columns.status == "waiting", columns.unit_id.in_(under_way)),
            )
            .join(_units, _units.c.unit_id == columns.unit_id)
            .where(*matches(rollout_id, wanted))
            .order_by(columns.unit_id)
            .limit(at_most)
        )
        return [BoardRow._make(row) for row in await self._connection.execute(query)]

    async def unit_ids(self, rollout_id: UUID, wanted: JourneyFilter) -> list[str]:
        query = select(_journeys.c.unit_id).where(*matches(rollout_id, wanted))
        return list((await self._connection.execute(query)).scalars())
