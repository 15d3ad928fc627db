"""Units in memory."""

from collections.abc import Collection, Sequence

from workflow_service.application.ports import PageOf, Place
from workflow_service.domain.organisation.unit import Unit


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
        return tuple(sorted(u for u, unit in self.rows.items() if unit.facts.parent_id == unit_id))
