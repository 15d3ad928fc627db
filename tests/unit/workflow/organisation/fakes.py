"""Units, and which have a manager, in memory."""

from collections.abc import Callable, Collection, Sequence
from datetime import date
from uuid import UUID

from workflow_service.application.ports import PageOf, Place
from workflow_service.domain.journey.journey import Journey
from workflow_service.domain.organisation.management import Management
from workflow_service.domain.organisation.unit import Unit
from workflow_service.domain.organisation.unit_change import PlannedChange, Status


class FakeUnits:
    def __init__(self) -> None:
        self.rows: dict[str, Unit] = {}

    async def lock_tree(self) -> None:
        """One task at a time: nothing to hold off."""

    async def all(self) -> dict[str, Unit]:
        return dict(self.rows)

    async def get(self, unit_id: str) -> Unit | None:
        return self.rows.get(unit_id)

    async def page(self, page: PageOf, within: Collection[str] | None) -> tuple[list[Unit], int]:
        ids = sorted(self.rows if within is None else self.rows.keys() & within)
        ordered = [self.rows[unit_id] for unit_id in ids]
        return ordered[page.offset : page.offset + page.limit], len(ordered)

    async def places(self, unit_ids: Collection[str]) -> dict[str, Place]:
        return {
            unit_id: Place(self._path(unit_id), self._children(unit_id))
            for unit_id in self.rows.keys() & unit_ids
        }

    async def branches(self) -> dict[str, str]:
        return {unit_id: self._path(unit_id)[:2][-1] for unit_id in self.rows}

    async def below(self, unit_ids: Collection[str]) -> frozenset[str]:
        return frozenset(
            unit_id for unit_id in self.rows if not set(unit_ids).isdisjoint(self._path(unit_id))
        )

    async def save(self, units: Sequence[Unit]) -> None:
        self.rows |= {unit.unit_id: unit for unit in units}

    def _path(self, unit_id: str) -> tuple[str, ...]:
        parent_id = self.rows[unit_id].facts.parent_id
        above = self._path(parent_id) if parent_id in self.rows else ()
        return (*above, unit_id)

    def _children(self, unit_id: str) -> tuple[str, ...]:
        return tuple(
            sorted(
                u
                for u, unit in self.rows.items()
                if unit.facts.parent_id == unit_id and unit.dissolved_on is None
            )
        )


class FakeManagements:
    """`going` has the journeys that have not ended, in rollouts under way."""

    def __init__(self, going: Callable[[], list[Journey]]) -> None:
        self._going = going
        self.rows: dict[str, Management] = {}

    async def of(self, unit_ids: Collection[str]) -> dict[str, Management]:
        return {unit_id: self.rows[unit_id] for unit_id in self.rows.keys() & set(unit_ids)}

    async def keep(self, management: Management) -> None:
        known = self.rows.get(management.unit_id)
        if known is None or known.version < management.version:
            self.rows[management.unit_id] = management

    async def missing(
        self, page: PageOf, unit_ids: Collection[str] | None = None
    ) -> tuple[list[Journey], int]:
        found = [
            journey
            for journey in self._going()
            if not self.has(journey.unit_id)
            if unit_ids is None or journey.unit_id in unit_ids
        ]
        return found[page.offset : page.offset + page.limit], len(found)

    def has(self, unit_id: str) -> bool:
        return unit_id in self.rows and self.rows[unit_id].has_manager


class FakeUnitChanges:
    def __init__(self) -> None:
        self.rows: dict[UUID, PlannedChange] = {}

    async def add(self, planned: PlannedChange) -> None:
        self.rows[planned.change_id] = planned

    async def lock(self, change_id: UUID) -> PlannedChange | None:
        return self.rows.get(change_id)

    async def save(self, planned: PlannedChange) -> None:
        self.rows[planned.change_id] = planned

    async def due(self, today: date) -> list[UUID]:
        planned = [one for one in self.rows.values() if one.status == "planned"]
        due = [one for one in planned if one.effective_on <= today]
        return [
            one.change_id for one in sorted(due, key=lambda one: (one.effective_on, one.created_at))
        ]

    async def page(self, page: PageOf, status: Status | None) -> tuple[list[PlannedChange], int]:
        found = [one for one in self.rows.values() if status in (None, one.status)]
        found.sort(key=lambda one: (one.effective_on, one.created_at), reverse=True)
        return found[page.offset : page.offset + page.limit], len(found)
