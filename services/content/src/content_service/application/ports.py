"""What the use cases need from outside. Adapters implement these with PostgreSQL."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol
from uuid import UUID

from content_service.domain.assignment import Assignment
from content_service.domain.correction import Change
from content_service.domain.events import DomainEvent
from content_service.domain.module import Behaviour, Module, Phase, PublishedModule
from content_service.domain.practice import Action, Meeting
from content_service.domain.reference import UnknownReference
from content_service.domain.unit import Unit


class UnitScope(Protocol):
    """The units that a caller's roles cover: `units` alone, and `trees` with all below them."""

    @property
    def trees(self) -> frozenset[str]: ...

    @property
    def units(self) -> frozenset[str]: ...


Scope = UnitScope | None
"""What the caller's roles cover; None means every unit."""


class PageOf(Protocol):
    """Which part of a list is wanted."""

    @property
    def offset(self) -> int: ...

    @property
    def limit(self) -> int: ...


class Modules(Protocol):
    async def add(self, module: Module) -> bool:
        """Store a new module; False if that id is taken."""

    async def get(self, module_id: str) -> Module | None: ...

    async def lock(self, module_id: str) -> Module | None:
        """Read it; transactions that would change it wait for this one."""

    async def save(self, module: Module) -> None: ...

    async def add_version(self, published: PublishedModule) -> None: ...

    async def get_version(self, module_id: str, version: int) -> PublishedModule | None: ...

    async def newest(self, module_ids: Collection[str]) -> Mapping[str, PublishedModule]:
        """The latest version of each of these modules; those never published are absent."""

    async def page(
        self, behaviour: Behaviour | None, phase: Phase | None, page: PageOf
    ) -> tuple[list[PublishedModule], int]:
        """Latest published versions by id, and how many there are on all pages."""


class Assignments(Protocol):
    async def add(self, assignments: Sequence[Assignment]) -> set[UUID]:
        """Store those that do not exist yet; return their ids."""

    async def find(self, assignment_ids: Collection[UUID]) -> Mapping[UUID, Assignment]: ...

    async def lock(self, assignment_id: UUID) -> Assignment | None:
        """Read it; transactions that would change it wait for this one."""

    async def save(self, assignment: Assignment) -> None: ...

    async def exist_for(self, rollout_id: UUID, unit_id: str) -> bool:
        """Whether the unit has any module in the rollout."""

    async def of_unit(self, rollout_id: UUID, unit_id: str) -> list[Assignment]:
        """Those of the unit in the rollout, by module."""

    async def page(
        self, scope: Scope, unit_id: str | None, rollout_id: UUID | None, page: PageOf
    ) -> tuple[list[Assignment], int]:
        """Assignments by unit and module, and how many there are on all pages."""


class Practice(Protocol):
    """Meetings and actions of units."""

    async def add_meeting(self, meeting: Meeting) -> None: ...

    async def add_action(self, action: Action) -> None: ...

    async def lock_meeting(self, meeting_id: UUID) -> Meeting | None:
        """Read it; transactions that would change it wait for this one."""

    async def save_meeting(self, meeting: Meeting) -> None: ...

    async def lock_action(self, action_id: UUID) -> Action | None:
        """Read it; transactions that would change it wait for this one."""

    async def save_action(self, action: Action) -> None: ...

    async def of_unit(self, rollout_id: UUID, unit_id: str) -> tuple[list[Meeting], list[Action]]:
        """Meetings by date, actions by check-back date, except those that were withdrawn."""

    async def add_change(self, change: Change) -> None: ...

    async def changes(
        self, rollout_id: UUID, unit_id: str, page: PageOf
    ) -> tuple[list[Change], int]:
        """Corrections and withdrawals, latest first, and how many there are on all pages."""


class Units(Protocol):
    async def save(self, unit: Unit) -> None:
        """Store a unit's state, unless a newer version is stored."""

    async def get(self, unit_id: str) -> Unit | None: ...

    async def path(self, unit_id: str) -> frozenset[str]:
        """The unit's id and those of all units above it, as far as they are known."""


class References(Protocol):
    """Which rollouts and units this service has heard of."""

    async def add_rollout(self, rollout_id: UUID, unit_ids: Collection[str]) -> None:
        """Store that the rollout exists, with its units; a second call changes nothing."""

    async def outside(self, rollout_id: UUID, unit_ids: Collection[str]) -> list[str]:
        """Those that do not take part in the rollout; none if its units are not known."""

    async def occurs(self, rollout_id: UUID) -> bool:
        """Return whether the rollout is known or something is assigned in it."""

    async def unknown(self, rollout_id: UUID, unit_ids: Collection[str]) -> list[UnknownReference]:
        """Those that are not known: the rollout first, then the units in their order."""

    async def open_problems(self, scope: Scope, page: PageOf) -> tuple[list[UnknownReference], int]:
        """What the scope's assignments refer to and is not known, and how many on all pages."""


class UnitOfWork(Protocol):
    """One transaction. A use case gets it open and never commits."""

    modules: Modules
    assignments: Assignments
    practice: Practice
    units: Units
    references: References

    async def now(self) -> datetime:
        """When the transaction began, by the database's clock: the one that all processes share."""

    def record(self, event: DomainEvent, cause: str | None = None) -> None:
        """Publish the event if, and only if, the transaction commits.

        `cause` is the trace context that it continues; by default the current one.
        """


OpenUnitOfWork = Callable[[], AbstractAsyncContextManager[UnitOfWork]]
"""Begins a unit of work, which commits on a clean exit."""
