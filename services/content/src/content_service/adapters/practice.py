"""Meetings and actions in PostgreSQL."""

from dataclasses import asdict
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from content_service.adapters.tables import ActionRow, EvidenceChangeRow, MeetingRow
from content_service.application.ports import PageOf
from content_service.domain.correction import Change
from content_service.domain.practice import Action, Meeting
from servicekit.db import table

_meetings = table(MeetingRow)
_actions = table(ActionRow)
_changes = table(EvidenceChangeRow)
_record: TypeAdapter[Meeting | Action] = TypeAdapter(Meeting | Action)


class SqlPractice:
    """The port `Practice`. The rows have the domain objects' own fields."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_meeting(self, meeting: Meeting) -> None:
        await self._connection.execute(insert(_meetings).values(asdict(meeting)))

    async def add_action(self, action: Action) -> None:
        await self._connection.execute(insert(_actions).values(asdict(action)))

    async def lock_meeting(self, meeting_id: UUID) -> Meeting | None:
        query = select(_meetings).where(_meetings.c.meeting_id == meeting_id).with_for_update()
        row = (await self._connection.execute(query)).one_or_none()
        return Meeting(**row._mapping) if row else None

    async def save_meeting(self, meeting: Meeting) -> None:
        same = _meetings.c.meeting_id == meeting.meeting_id
        await self._connection.execute(update(_meetings).where(same).values(asdict(meeting)))

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
            .where(
                _meetings.c.unit_id == unit_id,
                _meetings.c.rollout_id == rollout_id,
                _meetings.c.withdrawn_at.is_(None),
            )
            .order_by(_meetings.c.held_on, _meetings.c.meeting_id)
        )
        actions = await self._connection.execute(
            select(_actions)
            .where(
                _actions.c.unit_id == unit_id,
                _actions.c.rollout_id == rollout_id,
                _actions.c.withdrawn_at.is_(None),
            )
            .order_by(_actions.c.check_back_on, _actions.c.action_id)
        )
        return (
            [Meeting(**row._mapping) for row in meetings],
            [Action(**row._mapping) for row in actions],
        )

    async def add_change(self, change: Change) -> None:
        statement = insert(_changes).values(
            change_id=change.change_id,
            rollout_id=change.before.rollout_id,
            unit_id=change.before.unit_id,
            kind=change.kind,
            reason=change.reason,
            before=_record.dump_python(change.before, mode="json"),
            changed_at=change.changed_at,
        )
        await self._connection.execute(statement)

    async def changes(
        self, rollout_id: UUID, unit_id: str, page: PageOf
    ) -> tuple[list[Change], int]:
        query = select(_changes).where(
            _changes.c.unit_id == unit_id, _changes.c.rollout_id == rollout_id
        )
        total = await self._connection.scalar(select(func.count()).select_from(query.subquery()))
        latest = query.order_by(_changes.c.changed_at.desc(), _changes.c.change_id)
        rows = await self._connection.execute(latest.offset(page.offset).limit(page.limit))
        found = [
            Change(
                row.change_id,
                row.kind,
                row.reason,
                _record.validate_python(row.before),
                row.changed_at,
            )
            for row in rows
        ]
        return found, total or 0
