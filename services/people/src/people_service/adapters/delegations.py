"""Who stands in for whom, in PostgreSQL."""

from datetime import date
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from people_service.adapters.tables import DelegationRow
from people_service.application.ports import PageOf
from people_service.domain.delegation import Delegation
from servicekit.db import table

_delegations = table(DelegationRow)
_FIELDS = tuple(Delegation.__dataclass_fields__)


class SqlDelegations:
    """The port `Delegations`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def save(self, delegation: Delegation) -> None:
        values = {name: getattr(delegation, name) for name in _FIELDS}
        await self._connection.execute(
            insert(_delegations)
            .values(values)
            .on_conflict_do_update(
                index_elements=["delegation_id"], set_={"ended_on": delegation.ended_on}
            )
        )

    async def get(self, delegation_id: UUID) -> Delegation | None:
        found = select(_delegations).where(_delegations.c.delegation_id == delegation_id)
        row = (await self._connection.execute(found.with_for_update())).one_or_none()
        return _delegation(row) if row else None

    async def page(self, person_id: str | None, page: PageOf) -> tuple[list[Delegation], int]:
        one = _delegations.c
        concerned = (
            or_(one.principal_id == person_id, one.delegate_id == person_id)
            if person_id is not None
            else one.delegation_id.is_not(None)
        )
        counted = select(func.count()).select_from(_delegations).where(concerned)
        total = (await self._connection.execute(counted)).scalar_one()
        rows = await self._connection.execute(
            select(_delegations)
            .where(concerned)
            .order_by(one.valid_to.desc(), one.delegation_id)
            .offset(page.offset)
            .limit(page.limit)
        )
        return [_delegation(row) for row in rows], total

    async def to_remind_of(self, today: date, until: date) -> list[Delegation]:
        one = _delegations.c
        rows = await self._connection.execute(
            update(_delegations)
            .where(one.valid_to.between(today, until), one.ended_on.is_(None), ~one.reminded)
            .values(reminded=True)
            .returning(_delegations)
        )
        return [_delegation(row) for row in rows]


def _delegation(row: object) -> Delegation:
    return Delegation(**{name: getattr(row, name) for name in _FIELDS})
