"""Questions that people ask, in PostgreSQL."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from content_service.adapters.tables import QuestionRow
from content_service.application.ports import PageOf
from content_service.domain.question import Question, QuestionStatus
from servicekit.db import table

_questions = table(QuestionRow)
_WAITING = _questions.c.status == "waiting"


class SqlInbox:
    """The port `Inbox`. The rows have the domain object's own fields."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, question: Question) -> None:
        await self._connection.execute(insert(_questions).values(asdict(question)))

    async def lock_waiting(self, account: str) -> int:
        name = func.hashtextextended(f"questions of {account}", 0)
        await self._connection.execute(select(func.pg_advisory_xact_lock(name)))
        theirs = (_questions.c.asked_by == account) & _WAITING
        count = select(func.count()).select_from(_questions).where(theirs)
        return await self._connection.scalar(count) or 0

    async def lock(self, question_id: UUID) -> Question | None:
        same = _questions.c.question_id == question_id
        query = select(_questions).where(same).with_for_update()
        row = (await self._connection.execute(query)).one_or_none()
        return Question(**row._mapping) if row else None

    async def save(self, question: Question) -> None:
        same = _questions.c.question_id == question.question_id
        await self._connection.execute(update(_questions).where(same).values(asdict(question)))

    async def page(
        self, status: QuestionStatus | None, account: str | None, page: PageOf
    ) -> tuple[list[Question], int]:
        query = select(_questions)
        if status is not None:
            query = query.where(_questions.c.status == status)
        if account is not None:
            query = query.where(_questions.c.asked_by == account)
        total = await self._connection.scalar(select(func.count()).select_from(query.subquery()))
        oldest = query.order_by(_questions.c.asked_at, _questions.c.question_id)
        rows = await self._connection.execute(oldest.offset(page.offset).limit(page.limit))
        return [Question(**row._mapping) for row in rows], total or 0

    async def remove(self, handled_before: datetime, asked_before: datetime) -> int:
        old = or_(
            _questions.c.handled_at < handled_before,
            _WAITING & (_questions.c.asked_at < asked_before),
        )
        removed = await self._connection.execute(delete(_questions).where(old))
        return removed.rowcount
