"""Recipients and their assignments, in PostgreSQL."""

from collections.abc import Sequence

from sqlalchemy import Select, bindparam, delete, exists, select, text, union
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from notification_service.adapters.tables import (
    AssignmentRow,
    RecipientRow,
    UnitManagerRow,
)
from notification_service.domain.recipient import Assignment, Recipient
from servicekit.db import table

_recipients = table(RecipientRow)
_assignments = table(AssignmentRow)
_unit_managers = table(UnitManagerRow)
_ONE_IMPORT_AT_A_TIME = text("select pg_advisory_xact_lock(hashtext('recipients-import'))")


class SqlRecipients:
    """The port `Recipients`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def all_locked(self) -> dict[str, Recipient]:
        await self._connection.execute(_ONE_IMPORT_AT_A_TIME)
        return await load_recipients(self._connection, select(_recipients.c.recipient_id))

    async def save(self, recipients: Sequence[Recipient]) -> None:
        if not recipients:
            return
        statement = insert(_recipients)
        fields = ("name", "email", "language")
        await self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["recipient_id"],
                set_={field: statement.excluded[field] for field in fields},
            ),
            [
                {"recipient_id": r.recipient_id, **{name: getattr(r, name) for name in fields}}
                for r in recipients
            ],
        )
        await self._connection.execute(
            delete(_assignments).where(_assignments.c.recipient_id == bindparam("who")),
            [{"who": recipient.recipient_id} for recipient in recipients],
        )
        await self._connection.execute(
            insert(_assignments),
            [
                {"recipient_id": recipient.recipient_id, "role": a.role, "unit_id": a.unit_id}
                for recipient in recipients
                for a in sorted(recipient.assignments)
            ],
        )

    async def remove(self, recipient_id: str) -> bool:
        result = await self._connection.execute(
            delete(_recipients).where(_recipients.c.recipient_id == recipient_id)
        )
        return result.rowcount == 1

    async def of_unit(self, unit_id: str) -> list[str]:
        employees = _assigned("employee").where(_assignments.c.unit_id == unit_id)
        return await self._ids(employees, _managers(unit_id))

    async def managers_of(self, unit_id: str) -> list[str]:
        return await self._ids(_managers(unit_id))

    async def managers(self) -> list[str]:
        return await self._ids(_managers(None))

    async def administrators(self) -> list[str]:
        return await self._ids(_assigned("administrator"))

    async def _ids(self, *statements: Select[str]) -> list[str]:
        rows = await self._connection.execute(union(*statements))
        return sorted(rows.scalars())


def _assigned(role: str) -> Select[str]:
    return select(_assignments.c.recipient_id).where(_assignments.c.role == role)


def _managers(unit_id: str | None) -> Select[str]:
    """Known recipients who manage the unit, or any unit.

    The manager reported by the workflow service takes precedence; imported assignments count only
    for units without one.
    """
    named = exists().where(_unit_managers.c.unit_id == _assignments.c.unit_id)
    imported = _assigned("manager").where(~named)
    by_workflow = select(_unit_managers.c.manager_id).where(
        _unit_managers.c.manager_id.in_(select(_recipients.c.recipient_id))
    )
    if unit_id is not None:
        imported = imported.where(_assignments.c.unit_id == unit_id)
        by_workflow = by_workflow.where(_unit_managers.c.unit_id == unit_id)
    return select(union(imported, by_workflow).subquery().c[0])


async def load_recipients(
    connection: AsyncConnection, ids: Select[str] | Sequence[str]
) -> dict[str, Recipient]:
    """These people with their assignments, by id, ordered by id."""
    people = await connection.execute(
        select(_recipients)
        .where(_recipients.c.recipient_id.in_(ids))
        .order_by(_recipients.c.recipient_id)
    )
    assigned: dict[str, set[Assignment]] = {}
    rows = await connection.execute(
        select(_assignments).where(_assignments.c.recipient_id.in_(ids))
    )
    for row in rows:
        assigned.setdefault(row.recipient_id, set()).add(Assignment(row.role, row.unit_id))
    return {
        row.recipient_id: Recipient(
            recipient_id=row.recipient_id,
            name=row.name,
            email=row.email,
            language=row.language,
            assignments=frozenset(assigned.get(row.recipient_id, ())),
        )
        for row in people
    }


async def assigned_units(connection: AsyncConnection) -> dict[str, set[str]]:
    """The units of every recipient, by id; without names and addresses."""
    people = await connection.execute(select(_recipients.c.recipient_id))
    found: dict[str, set[str]] = {recipient_id: set() for recipient_id in people.scalars()}
    rows = await connection.execute(
        select(_assignments.c.recipient_id, _assignments.c.unit_id).where(
            _assignments.c.unit_id != ""
        )
    )
    for row in rows:
        found[row.recipient_id].add(row.unit_id)
    return found
