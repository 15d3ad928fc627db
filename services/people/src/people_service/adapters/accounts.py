"""Whose an identity at a provider is, in PostgreSQL."""

from uuid import uuid4

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from people_service.adapters.tables import IdentityRow
from people_service.application.ports import Account
from servicekit.db import table

_identities = table(IdentityRow)
_ONE_AT_A_TIME = text("select pg_advisory_xact_lock(hashtext('identities'))")


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

    async def keep(self, issuer: str, subject: str, person_id: str | None) -> Account | None:
        await self._connection.execute(_ONE_AT_A_TIME)
        same = (_identities.c.issuer == issuer) & (_identities.c.subject == subject)
        theirs_too = same if person_id is None else same | (_identities.c.person_id == person_id)
        related = select(_identities).where(theirs_too)
        own = theirs = None
        for row in await self._connection.execute(related):
            if (row.issuer, row.subject) == (issuer, subject):
                own = row
            elif row.issuer == issuer:
                return None
            else:
                theirs = row
        if own is not None and own.person_id is not None:
            return Account(own.account_id, own.person_id) if own.person_id == person_id else None
        if own is not None and person_id is None:
            return Account(own.account_id, None)
        first = theirs or own
        account_id = first.account_id if first else uuid4()
        stored = {"account_id": account_id, "person_id": person_id}
        statement = insert(_identities).values(issuer=issuer, subject=subject, **stored)
        await self._connection.execute(
            statement.on_conflict_do_update(index_elements=["issuer", "subject"], set_=stored)
        )
        return Account(account_id, person_id)
