"""Wrong codes by address, in PostgreSQL, so that all processes count together."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from people_service.adapters.code_tables import FailedAttemptsRow
from people_service.domain.guessing import Failures
from servicekit.db import table

_failed = table(FailedAttemptsRow)
_ONE_AT_A_TIME = text(
    "select pg_advisory_xact_lock(hashtextextended('failed-attempts ' || :place, 0))"
)


class SqlFailedAttempts:
    """The port `FailedAttempts`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def seen(self, places: Collection[str]) -> Mapping[str, Failures]:
        rows = await self._connection.execute(select(_failed).where(_failed.c.place.in_(places)))
        found = {row.place: Failures(row.failures, row.since) for row in rows}
        return {place: found.get(place, Failures()) for place in places}

    async def locked(self, place: str) -> Failures:
        await self._connection.execute(_ONE_AT_A_TIME, {"place": place})
        return (await self.seen([place]))[place]

    async def save(self, place: str, failures: Failures) -> None:
        new = {"failures": failures.count, "since": failures.since}
        statement = insert(_failed).values(place=place, **new)
        await self._connection.execute(
            statement.on_conflict_do_update(index_elements=["place"], set_=new)
        )

    async def forget(self, before: datetime) -> None:
        await self._connection.execute(delete(_failed).where(_failed.c.since <= before))
