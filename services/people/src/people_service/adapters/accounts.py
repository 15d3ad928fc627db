"""Whose an identity at a provider is, in PostgreSQL."""

from uuid import UUID, uuid4

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from people_service.adapters.tables import IdentityRow
from people_service.application.ports import Account
from servicekit.db import table

_identities = table(IdentityRow)
_ONE_AT_A_TIME = text("select pg_advisory_xact_lock(hashtext(:whose))")


class SqlAccounts:
    """The port `Accounts`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def find(self, issuer: str, subject: str) -> Account | None:
        found = select(_identities.c.account_id, _identities.c.person_id).where(
            _identities.c.issuer == issuer, _identities.c.subject == subject
        )
        row = (await self._connection.execute(found)).one_or_none()
        return Account(row.account_id, row.person_id) if row else None

    async def has_identity(self, issuer: str, person_id: str) -> bool:
        await self._lock(f"person {person_id}")
        found = select(_identities.c.subject).where(
            _identities.c.issuer == issuer, _identities.c.person_id == person_id
        )
        return (await self._connection.execute(found)).first() is not None

    async def keep(self, issuer: str, subject: str, person_id: str | None) -> Account:
        await self._lock(f"identity {issuer} {subject}")
        own = await self.find(issuer, subject)
        if own is not None and own.person_id == person_id:
            return own
        theirs = await self._account_of(person_id) if person_id is not None else None
        account_id = theirs or (own.account_id if own else uuid4())
        row = {"account_id": account_id, "person_id": person_id}
        statement = insert(_identities).values(issuer=issuer, subject=subject, **row)
        await self._connection.execute(
            statement.on_conflict_do_update(index_elements=["issuer", "subject"], set_=row)
        )
        return Account(account_id, person_id)

    async def _account_of(self, person_id: str) -> UUID | None:
        theirs = select(_identities.c.account_id).where(_identities.c.person_id == person_id)
        return (await self._connection.execute(theirs.limit(1))).scalar_one_or_none()

    async def _lock(self, whose: str) -> None:
        await self._connection.execute(_ONE_AT_A_TIME, {"whose": whose})
