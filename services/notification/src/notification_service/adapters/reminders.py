"""When rounds are reminded of, in PostgreSQL: a row per round, the same whoever has answered."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from notification_service.adapters.open_rounds import open_round
from notification_service.adapters.quarantine import NOTHING_HELD
from notification_service.adapters.tables import OpenRoundRow, ReminderRow, UnitRow
from notification_service.application.round_ports import DueReminder
from servicekit.db import table

_reminders, _rounds, _units = table(ReminderRow), table(OpenRoundRow), table(UnitRow)


class SqlReminders:
    """The port `Reminders`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def plan(self, round_id: UUID, due: Sequence[datetime]) -> None:
        mine = _reminders.c.round_id == round_id
        found = await self._connection.execute(
            select(_reminders.c.reminded).where(mine).with_for_update()
        )
        due_at = _next(due, found.scalar_one_or_none() or 0)
        new = insert(_reminders).values(round_id=round_id, due_at=due_at, reminded=0, tries=0)
        await self._connection.execute(
            new.on_conflict_do_update(index_elements=["round_id"], set_={"due_at": due_at})
        )

    async def claim(self, now: datetime, lease: timedelta) -> DueReminder | None:
        free = or_(_reminders.c.claimed_until.is_(None), _reminders.c.claimed_until <= now)
        due = (
            select(_reminders.c.round_id)
            .where(_reminders.c.due_at <= now, free, NOTHING_HELD)
            .order_by(_reminders.c.due_at)
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        claimed = await self._connection.execute(
            update(_reminders)
            .where(_reminders.c.round_id == due)
            .values(claimed_until=now + lease, tries=_reminders.c.tries + 1)
            .returning(_reminders)
        )
        if (row := claimed.one_or_none()) is None:
            return None
        rounds = await self._connection.execute(
            select(_rounds, _units.c.name)
            .join(_units, _units.c.unit_id == _rounds.c.unit_id, isouter=True)
            .where(_rounds.c.round_id == row.round_id)
        )
        found = rounds.one()
        return DueReminder(
            open_round(found), found.name, row.reminded, row.tries, row.claimed_until
        )

    async def hold(self, claim: DueReminder) -> bool:
        held = select(_reminders.c.round_id).where(_held(claim)).with_for_update()
        return (await self._connection.execute(held)).one_or_none() is not None

    async def finish(self, claim: DueReminder, reminded: int, due: Sequence[datetime]) -> None:
        due_at = _next(due, reminded)
        await self._end(claim, reminded=reminded, tries=0, due_at=due_at, claimed_until=None)

    async def postpone(self, claim: DueReminder, until: datetime) -> None:
        await self._end(claim, tries=claim.tries - 1, claimed_until=until)

    async def _end(self, claim: DueReminder, **values: Any) -> None:
        await self._connection.execute(update(_reminders).where(_held(claim)).values(**values))


def _next(due: Sequence[datetime], over: int) -> datetime | None:
    return due[over] if over < len(due) else None


def _held(claim: DueReminder) -> ColumnElement[bool]:
    return and_(
        _reminders.c.round_id == claim.round.round_id,
        _reminders.c.claimed_until == claim.claimed_until,
    )
