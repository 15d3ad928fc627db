"""What was published about whom, in PostgreSQL: inserted once, then only read."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from assessment_service.adapters.tables import PublicationRow
from assessment_service.domain.round import Release
from servicekit.db import table

_publications = table(PublicationRow)
# One release at a time: two of different rollouts must not miss each other.
_LOCK = 0x61737365737332


class SqlPublications:
    """The port `Publications`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def register(
        self,
        release: Release,
        closed: tuple[datetime, datetime],
        cells: Mapping[str, Sequence[str]],
    ) -> None:
        rows = [
            {
                "release_id": release.release_id,
                "unit_id": unit_id,
                "rollout_id": release.rollout_id,
                "first_closed_at": closed[0],
                "last_closed_at": closed[1],
                "asked_units": list(asked),
            }
            for unit_id, asked in cells.items()
        ]
        if rows:
            await self._connection.execute(insert(_publications), rows)

    async def recently_about(
        self, release: Release, unit_ids: Collection[str], closed: tuple[datetime, datetime]
    ) -> set[str]:
        await self._connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        asked = (
            select(func.unnest(_publications.c.asked_units).label("unit_id"))
            .where(
                _publications.c.rollout_id != release.rollout_id,
                _publications.c.first_closed_at <= closed[1],
                _publications.c.last_closed_at >= closed[0],
            )
            .distinct()
            .subquery()
        )
        found = await self._connection.scalars(
            select(asked.c.unit_id).where(asked.c.unit_id.in_(unit_ids))
        )
        return set(found)
