"""Persons and their assignments, in PostgreSQL."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    bindparam,
    delete,
    func,
    or_,
    select,
    text,
    union,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from people_service.adapters.tables import AssignmentRow, IdentityRow, PersonRow, held_assignments
from people_service.domain.person import Assignment, Person, Source
from servicekit.db import table

_persons = table(PersonRow)
_assignments, _identities = table(AssignmentRow), table(IdentityRow)
_held = held_assignments
ONE_WRITER_AT_A_TIME = text("select pg_advisory_xact_lock(hashtext('persons-import'))")
_KEEP_FORMER = text("""
    insert into former_facts (person_id, fact)
    select person_id, fact.former
    from unnest(
        cast(:person_id as text[]), cast(:name as text[]), cast(:email as text[]),
        cast(:phone as text[]), cast(:hsa_id as text[])
    ) as new (person_id, name, email, phone, hsa_id)
    join persons as old using (person_id),
    lateral (values
        (old.name, new.name), (old.email, new.email),
        (old.phone, new.phone), (old.hsa_id, new.hsa_id)
    ) as fact (former, present)
    where fact.former not in ('', fact.present)
    on conflict do nothing
""")
_LEADING = ("manager", "deputy")
WHAT = tuple(one for one in _held.c if one.name != "person_id")
"""What is read of an assignment, for `persons_of_rows`."""


class SqlPersons:
    """The port `Persons`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def all_locked(self) -> dict[str, Person]:
        await self._connection.execute(ONE_WRITER_AT_A_TIME)
        return await load_persons(self._connection, select(_persons.c.person_id))

    async def assigned_locked(self, unit_id: str) -> list[Person]:
        await self._connection.execute(ONE_WRITER_AT_A_TIME)
        ids = select(_assignments.c.person_id).where(_assignments.c.unit_id == unit_id)
        return list((await load_persons(self._connection, ids)).values())

    async def one_locked(self, person_id: str) -> Person | None:
        await self._connection.execute(ONE_WRITER_AT_A_TIME)
        return (await self.of_ids([person_id])).get(person_id)

    async def save(self, persons: Sequence[Person], source: Source) -> None:
        if not persons:
            return
        statement = insert(_persons)
        await self._keep_former(persons)
        fields = ("name", "email", "language", "phone")
        columns = (*fields, "hsa_id")
        await self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["person_id"],
                set_={column: statement.excluded[column] for column in columns},
            ),
            [
                {
                    "person_id": p.person_id,
                    **{name: getattr(p, name) for name in fields},
                    "hsa_id": p.hsa_id or None,
                }
                for p in persons
            ],
        )
        await self._connection.execute(
            delete(_assignments).where(
                _assignments.c.person_id == bindparam("who"), _assignments.c.source == source
            ),
            [{"who": person.person_id} for person in persons],
        )
        held = [
            {
                "person_id": person.person_id,
                "role": one.role,
                "unit_id": one.unit_id,
                "valid_from": one.valid_from,
                "valid_to": one.valid_to,
                "source": source,
            }
            for person in persons
            for one in sorted(person.as_from(source).assignments)
        ]
        if held:
            await self._connection.execute(insert(_assignments), held)

    async def _keep_former(self, persons: Sequence[Person]) -> None:
        """What these persons are called now and will not be called any more."""
        facts = ("person_id", "name", "email", "phone", "hsa_id")
        columns = {fact: [getattr(person, fact) for person in persons] for fact in facts}
        await self._connection.execute(_KEEP_FORMER, columns)

    async def remove(self, person_id: str) -> bool:
        await self._connection.execute(
            update(_identities)
            .where(_identities.c.person_id == person_id)
            .values(former_person_id=person_id)
        )
        result = await self._connection.execute(
            delete(_persons).where(_persons.c.person_id == person_id)
        )
        return result.rowcount == 1

    async def of_ids(self, person_ids: Collection[str]) -> dict[str, Person]:
        return await load_persons(self._connection, list(person_ids))

    async def with_address(self, email: str) -> list[Person]:
        ids = select(_persons.c.person_id).where(func.lower(_persons.c.email) == email.lower())
        return list((await load_persons(self._connection, ids)).values())

    async def with_hsa_id(self, hsa_id: str) -> Person | None:
        ids = select(_persons.c.person_id).where(_persons.c.hsa_id == hsa_id)
        return next(iter((await load_persons(self._connection, ids)).values()), None)

    async def of_unit(self, unit_id: str, day: date) -> list[str]:
        employees = _assigned(["employee"], day).where(_held.c.unit_id == unit_id)
        return await self._ids(employees, _leading(day, unit_id))

    async def managers_of(self, unit_id: str, day: date) -> list[str]:
        return await self._ids(_leading(day, unit_id))

    async def managers(self, day: date) -> list[str]:
        return await self._ids(_assigned(_LEADING, day))

    async def managers_by_unit(self, day: date) -> dict[str, set[str]]:
        rows = await self._connection.execute(
            _assigned(["manager"], day).add_columns(_held.c.unit_id)
        )
        found: dict[str, set[str]] = {}
        for row in rows:
            found.setdefault(row.unit_id, set()).add(row.person_id)
        return found

    async def administrators(self, day: date) -> list[str]:
        of_all = _assigned(["administrator"], day).where(_held.c.unit_id == "")
        return await self._ids(of_all)

    async def _ids(self, *statements: Select[str]) -> list[str]:
        rows = await self._connection.execute(union(*statements))
        return sorted(rows.scalars())


def _holds(day: date) -> ColumnElement[bool]:
    first, last = _held.c.valid_from, _held.c.valid_to
    holds = or_(first.is_(None), first <= day) & or_(last.is_(None), last >= day)
    return _held.c.counts & holds


def _assigned(roles: Sequence[str], day: date) -> Select[str]:
    return select(_held.c.person_id).where(_held.c.role.in_(roles), _holds(day))


def _leading(day: date, unit_id: str) -> Select[str]:
    """Who leads the unit: its managers and their deputies."""
    return _assigned(_LEADING, day).where(_held.c.unit_id == unit_id)


async def load_persons(
    connection: AsyncConnection, ids: Select[str] | Sequence[str]
) -> dict[str, Person]:
    """These persons with their assignments, by id, ordered by id."""
    one = _held.c
    rows = await connection.execute(
        select(_persons, *WHAT)
        .join_from(_persons, _held, one.person_id == _persons.c.person_id, isouter=True)
        .where(_persons.c.person_id.in_(ids))
        .order_by(_persons.c.person_id)
    )
    return persons_of_rows(rows)


def persons_of_rows(rows: Iterable[Row[Any]]) -> dict[str, Person]:
    """Persons by id, from one row for each of their assignments, or one with none."""
    found: dict[str, Person] = {}
    held: dict[str, set[Assignment]] = {}
    for row in rows:
        facts = (row.person_id, row.name, row.email, row.language)
        person = Person(*facts, frozenset(), row.phone, row.hsa_id or "")
        found.setdefault(row.person_id, person)
        if row.role is not None:
            days = (row.valid_from, row.valid_to)
            whose = (row.source, row.standing_for, row.counts)
            held_there = Assignment(row.role, row.unit_id, *days, *whose)
            held.setdefault(row.person_id, set()).add(held_there)
    return {
        person_id: replace(person, assignments=frozenset(held.get(person_id, ())))
        for person_id, person in found.items()
    }


async def assigned_units(connection: AsyncConnection, day: date) -> dict[str, set[str]]:
    """The units of every person's assignments that are not over on a day, by person id; without
    names and addresses."""
    people = await connection.execute(select(_persons.c.person_id))
    found: dict[str, set[str]] = {person_id: set() for person_id in people.scalars()}
    last = _assignments.c.valid_to
    rows = await connection.execute(
        select(_assignments.c.person_id, _assignments.c.unit_id).where(
            _assignments.c.unit_id != "", or_(last.is_(None), last >= day)
        )
    )
    for row in rows:
        found[row.person_id].add(row.unit_id)
    return found
