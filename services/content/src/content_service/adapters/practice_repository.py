"""Meetings and actions in PostgreSQL."""

from dataclasses import asdict
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from content_service.adapters.tables import ActionRow, MeetingRow, table
from content_service.domain.practice import Action, Meeting

_meetings = table(MeetingRow)
_actions = table(ActionRow)


class SqlPractice:
    """The port `Practice`. The rows have the domain objects' own fields."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add_meeting(self, meeting: Meeting) -> None:
        connection = await self._session.connection()
        await connection.execute(insert(_meetings).values(asdict(meeting)))

    async def add_action(self, action: Action) -> None:
        connection = await self._session.connection()
        await connection.execute(insert(_actions).values(asdict(action)))

    async def lock_action(self, action_id: UUID) -> Action | None:
        query = select(_actions).where(_actions.c.action_id == action_id).with_for_update()
        row = (await (await self._session.connection()).execute(query)).one_or_none()
        return Action(**row._mapping) if row else None

    async def save_action(self, action: Action) -> None:
        same = _actions.c.action_id == action.action_id
        connection = await self._session.connection()
        await connection.execute(update(_actions).where(same).values(asdict(action)))

    async def of_unit(self, rollout_id: UUID, unit_id: str) -> tuple[list[Meeting], list[Action]]:
        connection = await self._session.connection()
        meetings = await connection.execute(
            select(_meetings)
            .where(_meetings.c.unit_id == unit_id, _meetings.c.rollout_id == rollout_id)
            .order_by(_meetings.c.held_on, _meetings.c.meeting_id)
        )
        actions = await connection.execute(
            select(_actions)
            .where(_actions.c.unit_id == unit_id, _actions.c.rollout_id == rollout_id)
            .order_by(_actions.c.check_back_on, _actions.c.action_id)
        )
        return (
            [Meeting(**row._mapping) for row in meetings],
            [Action(**row._mapping) for row in actions],
        )
