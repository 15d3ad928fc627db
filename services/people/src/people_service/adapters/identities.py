"""What an administrator sees and decides about identities, in PostgreSQL."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, Select, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from people_service.adapters.accounts import OWN
from people_service.adapters.tables import IdentityRow, RefusedBindingRow, ReleasedIdentityRow
from people_service.application.ports import PageOf
from people_service.domain.identities import (
    JOINABLE,
    SHOWN_DAYS,
    BindingRefusal,
    KnownIdentity,
    RefusedBinding,
    Released,
)
from servicekit.db import table

_identities, _released = table(IdentityRow), table(ReleasedIdentityRow)
_refused = table(RefusedBindingRow)
_KEPT = timedelta(days=SHOWN_DAYS)


class SqlIdentities:
    """The port `Identities`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of_person(self, person_id: str) -> tuple[list[KnownIdentity], list[Released]]:
        theirs = select(_identities).where(
            _identities.c.person_id == person_id, _identities.c.issuer != OWN
        )
        taken = select(_released).where(_released.c.person_id == person_id)
        known = await self._connection.execute(theirs.order_by(_identities.c.issuer))
        released = await self._connection.execute(
            taken.order_by(_released.c.issuer, _released.c.released_at)
        )
        return [_identity(row) for row in known], [
            Released(row.issuer, row.subject, row.released_at, row.released_by, row.reason)
            for row in released
        ]

    async def release(self, identity_id: UUID, person_id: str, by: str, reason: str) -> bool:
        theirs = select(_identities).where(
            _identities.c.identity_id == identity_id,
            _identities.c.person_id == person_id,
            _identities.c.issuer != OWN,
        )
        row = (await self._connection.execute(theirs.with_for_update())).one_or_none()
        if row is None:
            return False
        await self._connection.execute(
            update(_identities)
            .where(_identities.c.identity_id == identity_id)
            .values(person_id=None, former_person_id=person_id, account_id=uuid4())
        )
        await self._connection.execute(
            insert(_released).values(
                issuer=row.issuer,
                subject=row.subject,
                person_id=person_id,
                account_id=row.account_id,
                released_at=func.now(),
                released_by=by,
                reason=reason,
            )
        )
        same = (_refused.c.issuer == row.issuer) & (_refused.c.subject == row.subject)
        waiting = (_refused.c.issuer == row.issuer) & (_refused.c.named == person_id)
        await self._connection.execute(delete(_refused).where(same | waiting))
        return True

    async def taken(self, identity_id: UUID) -> set[tuple[str, str]]:
        same = (_released.c.issuer == _identities.c.issuer) & (
            _released.c.subject == _identities.c.subject
        )
        found = (
            select(_released.c.person_id, _released.c.released_by)
            .join_from(_released, _identities, same)
            .where(_identities.c.identity_id == identity_id)
        )
        rows = await self._connection.execute(found)
        return {(row.person_id, row.released_by) for row in rows}

    async def join(self, identity_id: UUID, person_id: str, account_id: UUID) -> UUID | None:
        same = (_refused.c.issuer == _identities.c.issuer) & (
            _refused.c.subject == _identities.c.subject
        )
        waiting = (
            select(_identities)
            .join_from(_identities, _refused, same)
            .where(
                _identities.c.identity_id == identity_id,
                _identities.c.person_id.is_(None),
                _refused.c.why.in_(JOINABLE),
                _refused.c.named == person_id,
            )
        )
        row = (await self._connection.execute(waiting)).one_or_none()
        if row is None or await self._has_one_at(row.issuer, person_id):
            return None
        await self._connection.execute(
            update(_identities)
            .where(_identities.c.identity_id == identity_id)
            .values(person_id=person_id, former_person_id=None, account_id=account_id)
        )
        this = (_refused.c.issuer == row.issuer) & (_refused.c.subject == row.subject)
        await self._connection.execute(delete(_refused).where(this))
        account: UUID = row.account_id
        return account

    async def _has_one_at(self, issuer: str, person_id: str) -> bool:
        theirs = select(_identities.c.identity_id).where(
            _identities.c.issuer == issuer, _identities.c.person_id == person_id
        )
        return (await self._connection.execute(theirs)).one_or_none() is not None

    async def refuse(
        self, issuer: str, subject: str, why: BindingRefusal, named: str | None
    ) -> None:
        await self._connection.execute(delete(_refused).where(_refused.c.last < func.now() - _KEPT))
        said = {"why": why, "named": named, "last": func.now()}
        statement = insert(_refused).values(
            issuer=issuer, subject=subject, since=func.now(), **said
        )
        await self._connection.execute(
            statement.on_conflict_do_update(index_elements=["issuer", "subject"], set_=said)
        )


async def identities_without_person(
    connection: AsyncConnection, page: PageOf
) -> tuple[list[KnownIdentity], int]:
    """Those of nobody who is known here, the last used first."""
    nobodys = select(_identities).where(
        _identities.c.person_id.is_(None), _identities.c.issuer != OWN
    )
    order = (_identities.c.last_used.desc(), _identities.c.issuer, _identities.c.subject)
    rows, total = await _page(connection, nobodys, nobodys.order_by(*order), page)
    return [_identity(row) for row in rows], total


async def refused_bindings(
    connection: AsyncConnection, page: PageOf
) -> tuple[list[RefusedBinding], int]:
    """Those of the last 30 days, the one that waits the longest first."""
    same = (_identities.c.issuer == _refused.c.issuer) & (
        _identities.c.subject == _refused.c.subject
    )
    waiting = (
        select(_refused, _identities.c.person_id)
        .join_from(_refused, _identities, same, isouter=True)
        .where(_refused.c.last >= func.now() - _KEPT)
    )
    order = (_refused.c.since, _refused.c.issuer, _refused.c.subject)
    rows, total = await _page(connection, waiting, waiting.order_by(*order), page)
    return [
        RefusedBinding(r.issuer, r.subject, r.why, r.named, r.person_id, r.since, r.last)
        for r in rows
    ], total


async def _page(
    connection: AsyncConnection, all_: Select[Any], ordered: Select[Any], page: PageOf
) -> tuple[list[Row[Any]], int]:
    counted = select(func.count()).select_from(all_.subquery())
    total = (await connection.execute(counted)).scalar_one()
    rows = await connection.execute(ordered.offset(page.offset).limit(page.limit))
    return list(rows), total


def _identity(row: Row[Any]) -> KnownIdentity:
    return KnownIdentity(row.identity_id, row.issuer, row.subject, row.first_seen, row.last_used)
