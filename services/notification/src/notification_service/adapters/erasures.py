"""Erasures of persons: what is stored of them, and what is to be confirmed, in PostgreSQL."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from notification_service.adapters.tables import (
    AttemptRow,
    ErasureRow,
    InvitationRow,
    MessageRow,
)
from notification_service.application.ports import Erased, Recipients
from servicekit.db import table
from servicekit.erasing import FoundWords
from servicekit.free_texts import FreeTexts
from servicekit.naming import Words

_messages, _attempts = table(MessageRow), table(AttemptRow)
_erasures, _invitations = table(ErasureRow), table(InvitationRow)
_FREE_TEXTS: FreeTexts = {}  # Only stored answers and audit lines have reasons that somebody wrote.
_ADDRESSING = text("select pg_advisory_xact_lock_shared(hashtext('recipients'))")
_ERASING = text("select pg_advisory_xact_lock(hashtext('recipients'))")


class SqlErasures:
    """The port `Erasures`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def remove(self, erasure_id: UUID, erased: Erased) -> Mapping[str, int]:
        theirs = _messages.c.recipient_id == erased.person_id
        named = None
        if erased.words:
            words = Words(erased.words)
            named = await FoundWords.find(self._connection, _FREE_TEXTS, words)
        await self._connection.execute(_ERASING)
        ids = select(_messages.c.message_id).where(theirs)
        attempts = await self._connection.execute(
            delete(_attempts).where(_attempts.c.item_id.in_(ids))
        )
        messages = await self._connection.execute(delete(_messages).where(theirs))
        invitations = await self._connection.execute(
            delete(_invitations).where(_invitations.c.recipient_id == erased.person_id)
        )
        rows = {
            "messages": messages.rowcount,
            "attempts": attempts.rowcount,
            "invitations": invitations.rowcount,
        }
        if named:
            rows |= await named.remove(self._connection, "notification", erasure_id)
        return rows

    async def to_confirm(self, erasure_id: UUID, rows: Mapping[str, int]) -> None:
        statement = insert(_erasures).values(erasure_id=erasure_id, rows=dict(rows))
        await self._connection.execute(statement.on_conflict_do_nothing())

    async def unconfirmed(self) -> dict[UUID, Mapping[str, int]]:
        rows = await self._connection.execute(select(_erasures))
        return {row.erasure_id: row.rows for row in rows}

    async def confirmed(self, erasure_id: UUID) -> None:
        await self._connection.execute(
            delete(_erasures).where(_erasures.c.erasure_id == erasure_id)
        )


class HeldRecipients:
    """The port `Recipients`: an erasure waits for transactions that have read the person.

    Otherwise one that asked before the erasure could store a message to them after it.
    """

    def __init__(self, connection: AsyncConnection, recipients: Recipients) -> None:
        self._connection, self._recipients = connection, recipients

    async def of_unit(self, unit_id: str) -> list[str]:
        return await (await self._held()).of_unit(unit_id)

    async def managers_of(self, unit_id: str) -> list[str]:
        return await (await self._held()).managers_of(unit_id)

    async def new_managers_of(self, unit_id: str) -> list[str]:
        return await (await self._held()).new_managers_of(unit_id)

    async def managers(self) -> list[str]:
        return await (await self._held()).managers()

    async def administrators(self) -> list[str]:
        return await (await self._held()).administrators()

    async def of_delegation(self, delegation_id: UUID) -> list[str]:
        return await (await self._held()).of_delegation(delegation_id)

    async def _held(self) -> Recipients:
        await self._connection.execute(_ADDRESSING)
        return self._recipients
