"""Lists for the API in pages, from PostgreSQL."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from people_service.adapters.persons import assigned_units, load_persons
from people_service.adapters.tables import PersonRow
from people_service.adapters.units import SqlUnits
from people_service.application.ports import PageOf
from people_service.domain.open_problems import OpenProblem, open_problems
from people_service.domain.person import Person
from servicekit.db import table

_persons = table(PersonRow)


class SqlQueries:
    """The port `Queries`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def persons(self, page: PageOf) -> tuple[list[Person], int]:
        counted = select(func.count()).select_from(_persons)
        total = (await self._connection.execute(counted)).scalar_one()
        ids = select(_persons.c.person_id).order_by(_persons.c.person_id)
        rows = await self._connection.execute(ids.offset(page.offset).limit(page.limit))
        people = await load_persons(self._connection, list(rows.scalars()))
        return list(people.values()), total

    async def open_problems(self, page: PageOf) -> tuple[list[OpenProblem], int]:
        units = SqlUnits(self._connection)
        assigned = await assigned_units(self._connection)
        found = open_problems(assigned, await units.managers(), await units.known())
        return found[page.offset : page.offset + page.limit], len(found)
