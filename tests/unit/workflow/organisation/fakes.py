"""A unit of work in memory for unit and template use cases, held to the same scenarios as the
real one (unit_port_scenarios.py)."""

from collections.abc import Collection, Sequence
from typing import Self

from workflow_service.application.ports import StoredTemplate
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

    async def page(
        self, offset: int, limit: int, within: Collection[str] | None
    ) -> tuple[list[Unit], int]:
        ids = sorted(self.rows if within is None else self.rows.keys() & within)
        ordered = [self.rows[unit_id] for unit_id in ids]
        return ordered[offset : offset + limit], len(ordered)

    async def save(self, units: Sequence[Unit]) -> None:
        self.rows |= {unit.unit_id: unit for unit in units}


class FakeTemplates:
    def __init__(self) -> None:
        self.rows: dict[tuple[str, int], StoredTemplate] = {}

    async def get(self, template_id: str, version: int | None = None) -> StoredTemplate | None:
        versions = [number for known, number in self.rows if known == template_id]
        return self.rows.get((template_id, version or max(versions, default=0)))

    async def page(self, offset: int, limit: int) -> tuple[list[StoredTemplate], int]:
        ordered = [self.rows[key] for key in sorted(self.rows)]
        return ordered[offset : offset + limit], len(ordered)

    async def add(self, stored: StoredTemplate) -> bool:
        key = (stored.template.template_id, stored.template.version)
        if key in self.rows:
            return False
        self.rows[key] = stored
        return True


class FakeUnitsUnitOfWork:
    def __init__(self) -> None:
        self.units = FakeUnits()
        self.templates = FakeTemplates()
        self.events: list[object] = []

    def record(self, event: object) -> None:
        self.events.append(event)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None: ...
