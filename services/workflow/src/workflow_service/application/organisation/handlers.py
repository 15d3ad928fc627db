"""Use cases of units. An import is all or nothing; every change becomes an event in its own
transaction."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from workflow_service.application.organisation.commands import ImportUnits, NoteManager
from workflow_service.application.ports import UnitOfWork
from workflow_service.domain.errors import DomainError
from workflow_service.domain.organisation.management import Management
from workflow_service.domain.organisation.unit import Unit
from workflow_service.domain.organisation.unit_file import COLUMNS
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
        _note(plan, known, uow)
    return plan


async def note_manager(command: NoteManager, uow: UnitOfWork) -> None:
    """Keep whether the unit has a manager, unless something newer is known."""
    management = Management(command.unit_id, command.has_manager, command.at, command.version)
    await uow.managements.keep(management)


def _note(plan: ImportPlan, known: Mapping[str, Unit], uow: UnitOfWork) -> None:
    """The import, if it changes anything, and each unit that it adds or changes."""
    if not plan.units:
        return
    action = "units.change/import_units"
    counts = {"added": len(plan.added), "changed": len(plan.changed), "unchanged": plan.unchanged}
    uow.audit(action, "units", after=counts)
    changed = {each.unit_id: each.fields for each in plan.changed}
    for unit in plan.units:
        if fields := changed.get(unit.unit_id):
            before = _values(known[unit.unit_id], fields)
            uow.audit(action, f"unit/{unit.unit_id}", before, _values(unit, fields))
        else:
            uow.audit(action, f"unit/{unit.unit_id}", after=_values(unit, COLUMNS[1:]))


def _values(unit: Unit, columns: Sequence[str]) -> dict[str, Any]:
    values = asdict(unit.facts)
    return {column: values[column] for column in columns}


def unit_unknown(unit_id: str) -> DomainError:
    detail = f"There is no unit {unit_id[:70]!r}. GET /v1/units lists them."
    return DomainError("unit-unknown", "not_found", detail)
