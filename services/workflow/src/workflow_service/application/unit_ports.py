"""What unit and template use cases need from storage. All of it belongs to the open transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from workflow_service.domain.template import RolloutTemplate
from workflow_service.domain.unit import Unit


class UnitRepository(Protocol):
    """The units of the organisation."""

    async def lock_tree(self) -> None:
        """Let no other transaction change units until this one ends: a check of the tree holds."""

    async def all(self) -> dict[str, Unit]:
        """Every unit, by id."""

    async def get(self, unit_id: str) -> Unit | None: ...

    async def page(
        self, offset: int, limit: int, within: Collection[str] | None
    ) -> tuple[list[Unit], int]:
        """Some units in id order, and how many there are in all: of these ids, or of every unit."""

    async def save(self, units: Sequence[Unit]) -> None:
        """Store new and changed units. The caller holds the tree's lock."""


@dataclass(frozen=True, slots=True)
class StoredTemplate:
    """A registered version: the template, and the document it was read from."""

    template: RolloutTemplate
    document: Mapping[str, Any]
    registered_at: datetime


class TemplateRepository(Protocol):
    """Registered template versions. They never change."""

    async def get(self, template_id: str, version: int | None = None) -> StoredTemplate | None:
        """One version, or the newest if none is named."""

    async def page(self, offset: int, limit: int) -> tuple[list[StoredTemplate], int]:
        """Some versions by id and version, and how many there are in all."""

    async def add(self, stored: StoredTemplate) -> bool:
        """Store a new version; False if that version is there already, perhaps since just now."""


class UnitsUnitOfWork(Protocol):
    """The part of the service's unit of work that these use cases touch."""

    units: UnitRepository
    templates: TemplateRepository

    def record(self, event: object) -> None: ...
