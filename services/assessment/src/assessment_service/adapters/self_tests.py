"""The results of self-tests in PostgreSQL: inserted once, then only read."""

from dataclasses import asdict

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from assessment_service.adapters.tables import ReleasedCellRow, SelfTestRow
from assessment_service.application.self_testing import CheckResult, SelfTest
from servicekit.db import table

_self_tests = table(SelfTestRow)
_releases = func.count(table(ReleasedCellRow).c.release_id.distinct())


class SqlSelfTests:
    """The port `SelfTests`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def latest(self) -> SelfTest | None:
        newest = select(_self_tests).order_by(_self_tests.c.checked_at.desc()).limit(1)
        row = (await self._connection.execute(newest)).one_or_none()
        if row is None:
            return None
        return SelfTest(
            row.checked_at,
            row.releases,
            row.rounds,
            row.shown_cells,
            row.is_finished,
            tuple(CheckResult(**one) for one in row.checks),
        )

    async def add(self, test: SelfTest) -> None:
        await self._connection.execute(insert(_self_tests).values(asdict(test)))

    async def releases(self) -> int:
        return await self._connection.scalar(select(_releases)) or 0
