"""Reads: the library, a unit's plan, and its progress."""

from dataclasses import dataclass
from uuid import UUID

from content_service.application import scope as scopes
from content_service.application.module_handlers import module_unknown
from content_service.application.ports import PageOf, Scope, UnitOfWork
from content_service.domain.assignment import Assignment
from content_service.domain.errors import DomainError
from content_service.domain.module import Module, PublishedModule
from content_service.domain.practice import Action, Meeting
from content_service.domain.reference import UnknownReference


@dataclass(frozen=True, slots=True)
class UnitProgress:
    """What one unit did in one rollout. The name is None while the unit is not known here."""

    rollout_id: UUID
    unit_id: str
    name: str | None
    assignments: list[Assignment]
    meetings: list[Meeting]
    actions: list[Action]


async def get_draft(module_id: str, uow: UnitOfWork) -> Module:
    """Raises DomainError `module-unknown`."""
    module = await uow.modules.get(module_id)
    if module is None:
        raise module_unknown(module_id)
    return module


async def get_version(module_id: str, version: int, uow: UnitOfWork) -> PublishedModule:
    """Raises DomainError `module-unknown`."""
    published = await uow.modules.get_version(module_id, version)
    if published is None:
        raise module_unknown(module_id, version)
    return published


async def get_newest(module_id: str, uow: UnitOfWork) -> PublishedModule:
    """The latest published version. Raises DomainError `module-unknown`."""
    newest = await uow.modules.newest([module_id])
    if module_id not in newest:
        raise module_unknown(module_id)
    return newest[module_id]


async def check_rollout(rollout_id: UUID, uow: UnitOfWork) -> None:
    """Raises DomainError `rollout-unknown`, unless the rollout is known or used here."""
    if not await uow.references.occurs(rollout_id):
        unknown = UnknownReference("rollout", str(rollout_id))
        raise DomainError("rollout-unknown", "not_found", unknown.detail)


async def list_assignments(
    unit_id: str | None, rollout_id: UUID | None, scope: Scope, page: PageOf, uow: UnitOfWork
) -> tuple[list[Assignment], int]:
    """Assignments of the caller's units.

    Raises DomainError `outside-scope` for another unit, or `rollout-unknown`.
    """
    if unit_id is not None:
        await scopes.check(scope, unit_id, uow)
        scope = None
    if rollout_id is not None:
        await check_rollout(rollout_id, uow)
    return await uow.assignments.page(scope, unit_id, rollout_id, page)


async def get_progress(
    unit_id: str, rollout_id: UUID, scope: Scope, uow: UnitOfWork
) -> UnitProgress:
    """Raises DomainError `outside-scope` or `rollout-unknown`."""
    await scopes.check(scope, unit_id, uow)
    await check_rollout(rollout_id, uow)
    assignments = await uow.assignments.of_unit(rollout_id, unit_id)
    meetings, actions = await uow.practice.of_unit(rollout_id, unit_id)
    unit = await uow.units.get(unit_id)
    name = unit.name if unit else None
    return UnitProgress(rollout_id, unit_id, name, assignments, meetings, actions)
