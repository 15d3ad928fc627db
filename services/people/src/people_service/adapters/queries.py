"""Lists for the API in pages, from PostgreSQL."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from people_service.adapters.identities import identities_without_person, refused_bindings
from people_service.adapters.persons import assigned_units, load_persons
from people_service.adapters.tables import PersonRow
from people_service.adapters.unit_tree import without_address
from people_service.adapters.units import SqlUnits
from people_service.application.ports import PageOf
from people_service.domain.calendar import civil_date
from people_service.domain.identities import KnownIdentity, RefusedBinding
from people_service.domain.open_problems import OpenProblem, open_problems, unreachable
from people_service.domain.person import Person
from servicekit.db import table

_persons = table(PersonRow)
_NOW = select(func.now())


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
        today = civil_date((await self._connection.execute(_NOW)).scalar_one())
        assigned = await assigned_units(self._connection, today)
        found = open_problems(assigned, await units.known())
        found += unreachable(await without_address(self._connection), today)
        return found[page.offset : page.offset + page.limit], len(found)

    async def identities_without_person(self, page: PageOf) -> tuple[list[KnownIdentity], int]:
        return await identities_without_person(self._connection, page)

    async def refused_bindings(self, page: PageOf) -> tuple[list[RefusedBinding], int]:
        return await refused_bindings(self._connection, page)
