"""Where units stand and who their employees are, in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from people_service.adapters.code_tables import UnitPlaceRow
from people_service.adapters.persons import load_persons
from people_service.adapters.tables import AssignmentRow, PersonRow
from people_service.application.code_ports import UnitPlace
from people_service.domain.person import Person
from servicekit.db import table

_places = table(UnitPlaceRow)
_persons = table(PersonRow)
_assignments = table(AssignmentRow)


class SqlUnitTree:
    """The port `UnitTree`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def place(self, unit: UnitPlace) -> None:
        statement = insert(_places).values(asdict(unit))
        await self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["unit_id"],
                set_={name: statement.excluded[name] for name in ("parent_id", "name", "version")},
                where=_places.c.version < statement.excluded.version,
            )
        )

    async def path(self, unit_id: str) -> frozenset[str]:
        # `union` drops rows seen before, so this ends in a ring too, which can exist for a moment
        # while events of several units arrive.
        links = select(_places.c.unit_id, _places.c.parent_id)
        up = links.where(_places.c.unit_id == unit_id).cte("up", recursive=True)
        up = up.union(links.where(_places.c.unit_id == up.c.parent_id))
        rows = await self._connection.execute(select(up))
        return frozenset({unit_id, *(one for link in rows for one in link if one is not None)})

    async def name(self, unit_id: str) -> str:
        found = select(_places.c.name).where(_places.c.unit_id == unit_id)
        return (await self._connection.execute(found)).scalar_one_or_none() or unit_id


class SqlEmployees:
    """The port `Employees`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of_unit(self, unit_id: str, day: date) -> Sequence[Person]:
        ids = select(_assignments.c.person_id).where(
            _assignments.c.unit_id == unit_id, _assignments.c.role == "employee"
        )
        known = await load_persons(self._connection, ids)
        return [one for one in known.values() if unit_id in one.employed_in(day)]


async def without_address(connection: AsyncConnection) -> list[Person]:
    """The persons whom no mail reaches."""
    ids = select(_persons.c.person_id).where(_persons.c.email == "")
    return list((await load_persons(connection, ids)).values())
