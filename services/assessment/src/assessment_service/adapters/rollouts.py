"""Known rollouts in PostgreSQL, and those that rounds belong to beyond them."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Exists, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from assessment_service.adapters.scope import within
from assessment_service.adapters.tables import ReleaseRow, RolloutRow, RoundRow
from assessment_service.application.ports import PageOf, Scope
from servicekit.db import table

_rollouts = table(RolloutRow)
_releases = table(ReleaseRow)
_rounds = table(RoundRow)


def _announced(rollout_id: UUID) -> Exists:
    return select(_rollouts).where(_rollouts.c.rollout_id == rollout_id).exists()


class SqlRollouts:
    """The port `Rollouts`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, rollout_id: UUID, unit_ids: Collection[str]) -> None:
        new = insert(_rollouts).values(rollout_id=rollout_id, unit_ids=list(unit_ids))
        await self._connection.execute(new.on_conflict_do_nothing())

    async def units(self, rollout_id: UUID) -> list[str]:
        query = select(_rollouts.c.unit_ids).where(_rollouts.c.rollout_id == rollout_id)
        return list(await self._connection.scalar(query) or ())

    async def is_known(self, rollout_id: UUID) -> bool:
        return bool(await self._connection.scalar(select(_announced(rollout_id))))

    async def occurs(self, rollout_id: UUID) -> bool:
        released = select(_releases).where(_releases.c.rollout_id == rollout_id).exists()
        return bool(await self._connection.scalar(select(or_(_announced(rollout_id), released))))

    async def unknown(self, scope: Scope, page: PageOf) -> tuple[list[UUID], int]:
        query = (
            select(_releases.c.rollout_id)
            .join_from(_releases, _rounds)
            .where(_releases.c.rollout_id.not_in(select(_rollouts.c.rollout_id)))
            .distinct()
        )
        if scope is not None:
            query = query.where(within(scope, _rounds))
        total = await self._connection.scalar(select(func.count()).select_from(query.subquery()))
        ordered = query.order_by(_releases.c.rollout_id).offset(page.offset).limit(page.limit)
        return list(await self._connection.scalars(ordered)), total or 0
