"""Persons and their assignments, in PostgreSQL."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import ColumnElement, Select, bindparam, delete, func, or_, select, text, union
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from people_service.adapters.tables import AssignmentRow, PersonRow, UnitManagerRow
from people_service.domain.person import Assignment, Person
from servicekit.db import table

_persons = table(PersonRow)
_assignments = table(AssignmentRow)
_unit_managers = table(UnitManagerRow)
_ONE_IMPORT_AT_A_TIME = text("select pg_advisory_xact_lock(hashtext('persons-import'))")
_LEADING = ("manager", "deputy")


class SqlPersons:
    """The port `Persons`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def all_locked(self) -> dict[str, Person]:
        await self._connection.execute(_ONE_IMPORT_AT_A_TIME)
        return await load_persons(self._connection, select(_persons.c.person_id))

    async def save(self, persons: Sequence[Person]) -> None:
        if not persons:
            return
        statement = insert(_persons)
        fields = ("name", "email", "language")
        await self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["person_id"],
                set_={field: statement.excluded[field] for field in fields},
            ),
            [
                {"person_id": p.person_id, **{name: getattr(p, name) for name in fields}}
                for p in persons
            ],
        )
        await self._connection.execute(
            delete(_assignments).where(_assignments.c.person_id == bindparam("who")),
            [{"who": person.person_id} for person in persons],
        )
        await self._connection.execute(
            insert(_assignments),
            [
                {
                    "person_id": person.person_id,
                    "role": one.role,
                    "unit_id": one.unit_id,
                    "valid_from": one.valid_from,
                    "valid_to": one.valid_to,
                }
                for person in persons
                for one in sorted(person.assignments)
            ],
        )

    async def remove(self, person_id: str) -> bool:
        result = await self._connection.execute(
            delete(_persons).where(_persons.c.person_id == person_id)
        )
        return result.rowcount == 1

    async def of_ids(self, person_ids: Collection[str]) -> dict[str, Person]:
        return await load_persons(self._connection, list(person_ids))

    async def with_address(self, email: str) -> list[Person]:
        ids = select(_persons.c.person_id).where(func.lower(_persons.c.email) == email.lower())
        return list((await load_persons(self._connection, ids)).values())

    async def of_unit(self, unit_id: str, day: date) -> list[str]:
        employees = _assigned(["employee"], day).where(_assignments.c.unit_id == unit_id)
        return await self._ids(employees, *_leading(day, unit_id))

    async def managers_of(self, unit_id: str, day: date) -> list[str]:
        return await self._ids(*_leading(day, unit_id))

    async def managers(self, day: date) -> list[str]:
        return await self._ids(*_leading(day, None))

    async def administrators(self, day: date) -> list[str]:
        of_all = _assigned(["administrator"], day).where(_assignments.c.unit_id == "")
        return await self._ids(of_all)

    async def _ids(self, *statements: Select[str]) -> list[str]:
        rows = await self._connection.execute(union(*statements))
        return sorted(rows.scalars())


def _holds(day: date) -> ColumnElement[bool]:
    first, last = _assignments.c.valid_from, _assignments.c.valid_to
    return or_(first.is_(None), first <= day) & or_(last.is_(None), last >= day)


def _assigned(roles: Sequence[str], day: date) -> Select[str]:
    return select(_assignments.c.person_id).where(_assignments.c.role.in_(roles), _holds(day))


def _leading(day: date, unit_id: str | None) -> tuple[Select[str], Select[str]]:
    """Known persons who lead the unit, or any unit: managers and their deputies.

    A manager whom the workflow service names takes the place of those imported.
    """
    named = select(_unit_managers.c.unit_id)
    imported = _assigned(_LEADING, day).where(
        or_(_assignments.c.role == "deputy", _assignments.c.unit_id.not_in(named))
    )
    by_workflow = select(_unit_managers.c.manager_id).where(
        _unit_managers.c.manager_id.in_(select(_persons.c.person_id))
    )
    if unit_id is not None:
        imported = imported.where(_assignments.c.unit_id == unit_id)
        by_workflow = by_workflow.where(_unit_managers.c.unit_id == unit_id)
    return imported, by_workflow


async def load_persons(
    connection: AsyncConnection, ids: Select[str] | Sequence[str]
) -> dict[str, Person]:
    """These persons with their assignments, by id, ordered by id."""
    one = _assignments.c
    rows = await connection.execute(
        select(_persons, one.role, one.unit_id, one.valid_from, one.valid_to)
        .join_from(_persons, _assignments, isouter=True)
        .where(_persons.c.person_id.in_(ids))
        .order_by(_persons.c.person_id)
    )
    found: dict[str, Person] = {}
    held: dict[str, set[Assignment]] = {}
    for row in rows:
        person = Person(row.person_id, row.name, row.email, row.language, frozenset())
        found.setdefault(row.person_id, person)
        if row.role is not None:
            held_there = Assignment(row.role, row.unit_id, row.valid_from, row.valid_to)
            held.setdefault(row.person_id, set()).add(held_there)
    return {
        person_id: replace(person, assignments=frozenset(held.get(person_id, ())))
        for person_id, person in found.items()
    }


async def assigned_units(connection: AsyncConnection) -> dict[str, set[str]]:
    """The units of every person, by id; without names and addresses."""
    people = await connection.execute(select(_persons.c.person_id))
    found: dict[str, set[str]] = {person_id: set() for person_id in people.scalars()}
    rows = await connection.execute(
        select(_assignments.c.person_id, _assignments.c.unit_id).where(_assignments.c.unit_id != "")
    )
    for row in rows:
        found[row.person_id].add(row.unit_id)
    return found
