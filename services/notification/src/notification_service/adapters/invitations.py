"""Who was invited to which round, in PostgreSQL."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from notification_service.adapters.tables import InvitationRow, OpenRoundRow
from notification_service.domain.load_cap import Invitation
from servicekit.db import table

_invitations, _rounds = table(InvitationRow), table(OpenRoundRow)


class SqlInvitations:
    """The port `Invitations`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, recipients: Collection[str]) -> list[Invitation]:
        theirs = _invitations.c.recipient_id.in_(recipients)
        rows = await self._connection.execute(select(_invitations).where(theirs))
        return [
            Invitation(row.recipient_id, row.round_id, row.release_id, row.invited_at)
            for row in rows
        ]

    async def add(self, invitations: Sequence[Invitation]) -> None:
        if invitations:
            statement = insert(_invitations).on_conflict_do_nothing()
            await self._connection.execute(statement, [asdict(one) for one in invitations])

    async def invited(self, round_id: UUID) -> set[str]:
        rows = await self._connection.execute(
            select(_invitations.c.recipient_id).where(_invitations.c.round_id == round_id)
        )
        return set(rows.scalars())

    async def remove_old(self, before: datetime) -> None:
        await self._connection.execute(
            delete(_invitations).where(
                _invitations.c.invited_at < before,
                _invitations.c.round_id.not_in(select(_rounds.c.round_id)),
            )
        )
