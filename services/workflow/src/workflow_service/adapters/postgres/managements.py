"""Which units have a manager, in PostgreSQL."""

from collections.abc import Collection
from dataclasses import asdict

from pydantic import TypeAdapter
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from servicekit.db import table
from workflow_service.adapters.postgres.tables import JourneyRow, ManagementRow, RolloutRow
from workflow_service.application.ports import PageOf
from workflow_service.domain.journey.journey import ENDED, Journey
from workflow_service.domain.organisation.management import Management

_managements = table(ManagementRow)
_journeys = table(JourneyRow)
_rollouts = table(RolloutRow)
_journey = TypeAdapter(Journey)
_keep = insert(_managements)
_keep_newest = _keep.on_conflict_do_update(
    index_elements=["unit_id"],
    set_={name: _keep.excluded[name] for name in ("has_manager", "since", "version")},
    where=_managements.c.version < _keep.excluded.version,
)


class SqlManagements:
    """The port `Managements`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, unit_ids: Collection[str]) -> dict[str, Management]:
        found = select(_managements).where(_managements.c.unit_id.in_(unit_ids))
        rows = await self._connection.execute(found)
        return {row.unit_id: Management(**row._mapping) for row in rows}

    async def keep(self, management: Management) -> None:
        await self._connection.execute(_keep_newest, asdict(management))

    async def missing(
        self, page: PageOf, unit_ids: Collection[str] | None = None
    ) -> tuple[list[Journey], int]:
        managed = select(_managements.c.unit_id).where(_managements.c.has_manager)
        found = (
            select(_journeys)
            .join(_rollouts, _rollouts.c.rollout_id == _journeys.c.rollout_id)
            .where(
                _rollouts.c.status.in_(["active", "paused"]),
                _journeys.c.status.not_in(ENDED),
                _journeys.c.unit_id.not_in(managed),
            )
        )
        if unit_ids is not None:
            found = found.where(_journeys.c.unit_id.in_(unit_ids))
        total = select(func.count()).select_from(found.subquery())
        ordered = found.order_by(_journeys.c.rollout_id, _journeys.c.unit_id)
        rows = await self._connection.execute(ordered.offset(page.offset).limit(page.limit))
        journeys = [_journey.validate_python(dict(row._mapping)) for row in rows]
        return journeys, (await self._connection.execute(total)).scalar_one()
