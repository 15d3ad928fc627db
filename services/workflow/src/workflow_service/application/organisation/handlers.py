"""Use cases of units. An import is all or nothing; every change becomes an event in its own
transaction."""

import asyncio

from workflow_service.application.organisation.commands import AssignManager, ImportUnits
from workflow_service.application.ports import UnitOfWork
from workflow_service.domain.errors import DomainError
from workflow_service.domain.organisation import unit as units
from workflow_service.domain.organisation.unit import Unit
from workflow_service.domain.organisation.unit_import import ImportPlan, plan_import


async def import_units(command: ImportUnits, uow: UnitOfWork) -> ImportPlan:
    """What the file changes; on a dry run nothing is written.

    Raises DomainError `unit-file-invalid` with the file's first 200 errors.
    """
    await uow.units.lock_tree()
    under_way = await uow.rollouts.units_under_way()
    known = await uow.units.all()
    plan = await asyncio.to_thread(
        plan_import, command.records, command.faults, known, under_way, command.headings
    )
    if not command.dry_run:
        await uow.units.save(plan.units)
        for event in plan.events:
            uow.record(event)
    return plan


async def assign_manager(command: AssignManager, uow: UnitOfWork) -> Unit:
    """The unit with its (new) manager.

    Raises DomainError `unit-unknown`, `stale-version` or `manager-id-invalid`.
    """
    await uow.units.lock_tree()
    known = await uow.units.all()
    unit = known.pop(command.unit_id, None)
    if unit is None:
        raise unit_unknown(command.unit_id)
    unit, event = units.assign_manager(unit, command.manager_id, command.expected_version)
    if event is not None:
        others = (other.manager_id for other in known.values() if other.manager_id)
        units.check_spelling(command.manager_id, others)
        await uow.units.save([unit])
        uow.record(event)
    return unit


def unit_unknown(unit_id: str) -> DomainError:
    detail = f"There is no unit {unit_id[:70]!r}. GET /v1/units lists them."
    return DomainError("unit-unknown", "not_found", detail)
