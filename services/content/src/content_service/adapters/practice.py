"""Meetings and actions in PostgreSQL."""

from dataclasses import asdict
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from content_service.adapters.tables import ActionRow, MeetingRow
from content_service.domain.practice import Action, Meeting
from servicekit.db import table

_meetings = table(MeetingRow)
_actions = table(ActionRow)


class SqlPractice:
    """The port `Practice`. The rows have the domain objects' own fields."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_meeting(self, meeting: Meeting) -> None:
        await self._connection.execute(insert(_meetings).values(asdict(meeting)))

    async def add_action(self, action: Action) -> None:
        await self._connection.execute(insert(_actions).values(asdict(action)))

    async def lock_action(self, action_id: UUID) -> Action | None:
        query = select(_actions).where(_actions.c.action_id == action_id).with_for_update()
        row = (await self._connection.execute(query)).one_or_none()
        return Action(**row._mapping) if row else None

    async def save_action(self, action: Action) -> None:
        same = _actions.c.action_id == action.action_id
        await self._connection.execute(update(_actions).where(same).values(asdict(action)))

    async def of_unit(self, rollout_id: UUID, unit_id: str) -> tuple[list[Meeting], list[Action]]:
        meetings = await self._connection.execute(
            select(_meetings)
            .where(_meetings.c.unit_id == unit_id, _meetings.c.rollout_id == rollout_id)
            .order_by(_meetings.c.held_on, _meetings.c.meeting_id)
        )
        actions = await self._connection.execute(
            select(_actions)
            .where(_actions.c.unit_id == unit_id, _actions.c.rollout_id == rollout_id)
            .order_by(_actions.c.check_back_on, _actions.c.action_id)
        )
        return (
            [Meeting(**row._mapping) for row in meetings],
            [Action(**row._mapping) for row in actions],
        )
