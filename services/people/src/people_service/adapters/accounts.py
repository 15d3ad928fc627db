"""Whose an identity at a provider is, in PostgreSQL."""

from collections.abc import Collection
from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import and_, bindparam, delete, select, text, union, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from people_service.adapters.persons import WHAT, persons_of_rows
from people_service.adapters.tables import (
    IdentityRow,
    PersonRow,
    RefusedBindingRow,
    ReleasedIdentityRow,
    held_assignments,
)
from people_service.application.ports import Account
from people_service.domain.identities import BindingRefusal
from people_service.domain.person import Person
from servicekit.db import table

_identities, _released = table(IdentityRow), table(ReleasedIdentityRow)
_refused = table(RefusedBindingRow)
_persons = table(PersonRow)
OWN = ""  # The issuer of an account that somebody has before they sign in.
ONE_KEEPER_AT_A_TIME = text("select pg_advisory_xact_lock(hashtext('identities'))")
_THIS = and_(
    _identities.c.issuer == bindparam("an_issuer"), _identities.c.subject == bindparam("a_subject")
)
_held = held_assignments.c
_FIND = (
    select(
        _identities.c.account_id,
        _identities.c.last_used,
        _persons,
        *WHAT,
    )
    .join_from(_identities, _persons, isouter=True)
    .join(held_assignments, _held.person_id == _persons.c.person_id, isouter=True)
    .where(_THIS)
)
# An identity that was released from them has an account of its own.
_ACCOUNT = text("""
    select account_id from (
        select account_id, 1 as place, last_used from identities where person_id = :id
        union all
        select account_id, 2, cast(released_at as date) from released_identities
        where person_id = :id
        union all
        select account_id, 3, last_used from identities
        where former_person_id = :id and person_id is null and not exists (
            select from released_identities taken
            where (taken.issuer, taken.subject, taken.person_id)
                = (identities.issuer, identities.subject, :id)
        )
    ) as had
    where not exists (
        select from identities others
        where others.account_id = had.account_id and others.person_id <> :id
    )
    order by place, last_used desc limit 1
""")
_USE = update(_identities).where(_THIS).values(last_used=bindparam("today"))


class SqlAccounts:
    """The port `Accounts`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def find(
        self, issuer: str, subject: str, today: date
    ) -> tuple[Account, Person | None] | None:
        this = {"an_issuer": issuer, "a_subject": subject}
        rows = (await self._connection.execute(_FIND, this)).all()
        if not rows:
            return None
        first = rows[0]
        if first.last_used < today:
            await self._connection.execute(_USE, {**this, "today": today})
        if first.person_id is None:
            return Account(first.account_id, None), None
        return Account(first.account_id, first.person_id), persons_of_rows(rows)[first.person_id]

    async def of_person(self, person_id: str) -> UUID:
        account = await self.keep(OWN, person_id, person_id, date.min)
        assert isinstance(account, Account)
        return account.account_id

    async def of_persons(self, person_ids: Collection[str]) -> dict[str, set[UUID]]:
        had = union(
            *(
                select(one.c.person_id, one.c.account_id).where(one.c.person_id.in_(person_ids))
                for one in (_identities, _released)
            )
        )
        found: dict[str, set[UUID]] = {}
        for row in await self._connection.execute(had):
            found.setdefault(row.person_id, set()).add(row.account_id)
        return found

    async def person_of(self, account: str) -> str | None:
        try:
            account_id = UUID(account)
        except ValueError:
            return None
        found = select(_identities.c.person_id).where(
            _identities.c.account_id == account_id, _identities.c.person_id.is_not(None)
        )
        return (await self._connection.execute(found.limit(1))).scalar_one_or_none()

    async def keep(
        self, issuer: str, subject: str, person_id: str | None, today: date
    ) -> Account | BindingRefusal:
        await self._connection.execute(ONE_KEEPER_AT_A_TIME)
        same = (_identities.c.issuer == issuer) & (_identities.c.subject == subject)
        theirs = (_identities.c.issuer == issuer) & (_identities.c.person_id == person_id)
        either = same if person_id is None else same | theirs
        own = None
        for row in await self._connection.execute(select(_identities).where(either)):
            if row.subject != subject:
                return "another-identity"
            own = row
        if own is not None and (own.person_id is not None or person_id is None):
            if own.person_id == person_id:
                return Account(own.account_id, own.person_id)
            return "another-person"
        if person_id is None:
            account_id = None
        elif refusal := await self._released(issuer, subject, person_id):
            return refusal
        else:
            account_id = await self._account_of(person_id)
        if own is not None and issuer != OWN:
            if account_id is None and await self.person_of(str(own.account_id)) is None:
                account_id = own.account_id
            if account_id != own.account_id:
                return "another-account"
        account = Account(account_id or uuid4(), person_id)
        await self._store(issuer, subject, account, today)
        return account

    async def _released(self, issuer: str, subject: str, person_id: str) -> BindingRefusal | None:
        """Whether the identity was taken from this person, or from another one."""
        found = select(_released.c.person_id).where(
            _released.c.issuer == issuer, _released.c.subject == subject
        )
        taken_from = set((await self._connection.execute(found)).scalars())
        if person_id in taken_from:
            return "released"
        return "released-from-another" if taken_from else None

    async def _account_of(self, person_id: str) -> UUID | None:
        """The one that the person has, or had before they were deleted."""
        found = await self._connection.execute(_ACCOUNT, {"id": person_id})
        return found.scalar_one_or_none()

    async def _store(self, issuer: str, subject: str, account: Account, today: date) -> None:
        stored = {
            "account_id": account.account_id,
            "person_id": account.person_id,
            "former_person_id": None,
            "last_used": today,
        }
        statement = insert(_identities).values(
            issuer=issuer, subject=subject, identity_id=uuid4(), first_seen=today, **stored
        )
        await self._connection.execute(
            statement.on_conflict_do_update(index_elements=["issuer", "subject"], set_=stored)
        )
        await self._connection.execute(
            delete(_refused).where(_refused.c.issuer == issuer, _refused.c.subject == subject)
        )
