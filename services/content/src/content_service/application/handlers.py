"""The use cases for units: assignments, meetings, actions. Each runs inside an open unit of work
and never commits. Those for modules are in module_handlers.py."""

from collections.abc import Collection, Sequence
from uuid import UUID, uuid4

from content_service.application import scope as scopes
from content_service.application.commands import (
    AssignModules,
    CheckBack,
    ChooseAction,
    HoldMeeting,
    SetItemStatus,
)
from content_service.application.differences import difference, without_texts
from content_service.application.ports import Scope, UnitOfWork
from content_service.domain import assignment as assignments
from content_service.domain import practice
from content_service.domain import reference as references
from content_service.domain.assignment import Assignment, AssignmentCreated
from content_service.domain.calendar import civil_date
from content_service.domain.errors import DomainError
from content_service.domain.module import PublishedModule
from content_service.domain.practice import Action, Meeting
from content_service.domain.reference import UnknownReference
from content_service.domain.unit import Unit

_RECORDED_ON_PAPER = "practice.record_on_paper/record_on_paper"


async def assign_modules(
    command: AssignModules, scope: Scope, uow: UnitOfWork
) -> tuple[list[Assignment], list[UnknownReference]]:
    """Return an assignment for each unit and module, in the order of the request.

    Existing ones stay unchanged. With them is what the request refers to and is not known here
    yet, which only another service may do.

    Raises DomainError `outside-scope`, `unit-dissolved`, `rollout-unknown`, `unit-unknown`,
    `unit-not-in-rollout` or `module-not-published`; then nothing is assigned.
    """
    for unit_id in command.unit_ids:
        await scopes.check(scope, unit_id, uow)
    unknown = await uow.references.unknown(command.rollout_id, command.unit_ids)
    if not command.by_service:
        for unit_id in command.unit_ids:
            await _check_lives(unit_id, uow)
        units = {unit_id: f"/unit_ids/{i}" for i, unit_id in enumerate(command.unit_ids)}
        references.refuse(unknown, {**units, str(command.rollout_id): "/rollout_id"})
        outside = await uow.references.outside(command.rollout_id, command.unit_ids)
        references.refuse_outside(outside, units)
    modules = await _newest(command.module_ids, uow)
    wanted = {
        assignment.assignment_id: assignment
        for unit_id in command.unit_ids
        for module in modules.values()
        for assignment in [_assign(command.rollout_id, unit_id, module)]
    }
    added = await uow.assignments.add(list(wanted.values()))
    for assignment_id, assignment in wanted.items():
        if assignment_id in added:
            uow.record(AssignmentCreated(assignment))
            subject = f"assignment/{assignment_id}"
            after = without_texts(assignment, "assignment_id", "items")
            uow.audit("assignments.make/assign_modules", subject, after=after)
    stored = await uow.assignments.find(wanted.keys())
    return [stored[assignment_id] for assignment_id in wanted], unknown


async def _newest(wanted_ids: Sequence[str], uow: UnitOfWork) -> dict[str, PublishedModule]:
    """The modules in the order of the request. Raises DomainError `module-not-published`."""
    module_ids = tuple(dict.fromkeys(wanted_ids))
    modules = await uow.modules.newest(module_ids)
    missing = [
        {"pointer": f"/module_ids/{index}", "detail": f"{module_id} has no published version."}
        for index, module_id in enumerate(wanted_ids)
        if module_id not in modules
    ]
    if missing:
        detail = "Nothing was assigned: publish the modules first, or leave them out."
        raise DomainError("module-not-published", "invalid", detail, missing)
    return {module_id: modules[module_id] for module_id in module_ids}


def _assign(rollout_id: UUID, unit_id: str, module: PublishedModule) -> Assignment:
    item_ids = [item.item_id for item in module.content.items]
    return assignments.assign(rollout_id, unit_id, module.module_id, module.version, item_ids)


async def set_item_status(command: SetItemStatus, scope: Scope, uow: UnitOfWork) -> Assignment:
    """Return the assignment with the item's new status.

    Raises DomainError `assignment-unknown` (also outside the scope), or one of the domain's.
    """
    assignment = await uow.assignments.lock(command.assignment_id)
    if assignment is None or not await scopes.covers(scope, assignment.unit_id, uow):
        detail = f"There is no assignment {command.assignment_id} in your units."
        raise DomainError("assignment-unknown", "not_found", detail)
    changed, completed = assignments.set_item_status(
        assignment, command.item_id, command.status, command.reason
    )
    if changed is not assignment:
        await uow.assignments.save(changed)
        _note_item(command, assignment, changed, uow)
    if completed:
        uow.record(completed)
    return changed


def _note_item(
    command: SetItemStatus, before: Assignment, after: Assignment, uow: UnitOfWork
) -> None:
    def noted(assignment: Assignment) -> dict[str, str]:
        return {i.item_id: i.status for i in assignment.items if i.item_id == command.item_id}

    uow.audit(
        "practice.record/set_item_status",
        f"assignment/{before.assignment_id}",
        noted(before),
        noted(after),
        reason=command.reason or "",
        unit_id=before.unit_id,
    )


async def hold_meeting(command: HoldMeeting, scope: Scope, uow: UnitOfWork) -> Meeting:
    """Return the stored record.

    Raises DomainError `outside-scope`, `rollout-unknown`, `unit-unknown`, `no-modules-assigned`,
    or one of the domain's.
    """
    await _check_takes_part(command.rollout_id, command.unit_id, scope, uow)
    meeting = Meeting(
        meeting_id=uuid4(),
        rollout_id=command.rollout_id,
        unit_id=command.unit_id,
        assignment_id=command.assignment_id,
        variant=command.variant,
        held_on=command.held_on,
        headcount=command.headcount,
        on_paper=command.on_paper,
    )
    module = await assignment_of(meeting, uow)
    unit = await uow.units.get(meeting.unit_id)
    event = practice.hold_meeting(meeting, module, unit, civil_date(await uow.now()))
    await uow.practice.add_meeting(meeting)
    uow.record(event)
    subject, after = f"meeting/{meeting.meeting_id}", without_texts(meeting, "meeting_id")
    operation = _RECORDED_ON_PAPER if meeting.on_paper else "practice.record/hold_meeting"
    uow.audit(operation, subject, after=after, unit_id=meeting.unit_id)
    return meeting


async def choose_action(command: ChooseAction, scope: Scope, uow: UnitOfWork) -> Action:
    """Return the stored action.

    Raises DomainError `outside-scope`, `rollout-unknown`, `unit-unknown`, `no-modules-assigned`,
    or one of the domain's.
    """
    await _check_takes_part(command.rollout_id, command.unit_id, scope, uow)
    action = Action(
        action_id=uuid4(),
        rollout_id=command.rollout_id,
        unit_id=command.unit_id,
        behaviour=command.behaviour,
        text=command.text,
        check_back_on=command.check_back_on,
    )
    event = practice.choose_action(action, civil_date(await uow.now()))
    await uow.practice.add_action(action)
    uow.record(event)
    subject, after = f"action/{action.action_id}", without_texts(action, "action_id")
    uow.audit("practice.record/choose_action", subject, after=after, unit_id=action.unit_id)
    return action


async def check_back(command: CheckBack, scope: Scope, uow: UnitOfWork) -> Action:
    """Return the action with its outcome.

    Raises DomainError `action-unknown` (also outside the scope), or one of the domain's.
    """
    action = await lock_action(command.action_id, scope, uow)
    today = civil_date(await uow.now())
    changed, event = practice.check_back(action, command.outcome, command.note, today)
    await uow.practice.save_action(changed)
    uow.record(event)
    subject, (before, after) = f"action/{action.action_id}", difference(action, changed)
    uow.audit("practice.record/check_back", subject, before, after, unit_id=action.unit_id)
    return changed


async def lock_action(action_id: UUID, scope: Scope, uow: UnitOfWork) -> Action:
    """Raises DomainError `action-unknown` (also outside the scope)."""
    action = await uow.practice.lock_action(action_id)
    if action is None or not await scopes.covers(scope, action.unit_id, uow):
        detail = f"There is no action {action_id} in your units."
        raise DomainError("action-unknown", "not_found", detail)
    return action


async def assignment_of(meeting: Meeting, uow: UnitOfWork) -> Assignment | None:
    """The assignment that the meeting names, of whichever unit."""
    if meeting.assignment_id is None:
        return None
    return (await uow.assignments.find([meeting.assignment_id])).get(meeting.assignment_id)


async def _check_takes_part(rollout_id: UUID, unit_id: str, scope: Scope, uow: UnitOfWork) -> None:
    """Check that the unit has modules in the rollout; assignments are never removed.

    Raises DomainError `outside-scope`, `unit-dissolved`, `rollout-unknown`, `unit-unknown` or
    `no-modules-assigned`.
    """
    await scopes.check(scope, unit_id, uow)
    await _check_lives(unit_id, uow)
    unknown = await uow.references.unknown(rollout_id, [unit_id])
    references.refuse(unknown, {unit_id: "/unit_id", str(rollout_id): "/rollout_id"})
    if not await uow.assignments.exist_for(rollout_id, unit_id):
        detail = (
            f"Unit {unit_id} has no modules in rollout {rollout_id}, so nothing is recorded for it."
            " Check the rollout, or wait until its modules are assigned."
        )
        raise DomainError("no-modules-assigned", "conflict", detail)


async def _check_lives(unit_id: str, uow: UnitOfWork) -> None:
    """Raises DomainError `unit-dissolved`."""
    unit = await uow.units.get(unit_id)
    if unit is not None and unit.dissolved_on is not None:
        detail = f"Unit {unit_id} was dissolved on {unit.dissolved_on}: nothing is added to it."
        raise DomainError("unit-dissolved", "conflict", detail)


async def record_unit(unit: Unit, uow: UnitOfWork) -> None:
    """Store a unit's state as the workflow service published it; events may arrive in any order."""
    await uow.units.save(unit)


async def record_rollout(rollout_id: UUID, unit_ids: Collection[str], uow: UnitOfWork) -> None:
    """Store that the workflow service has the rollout, with these units."""
    await uow.references.add_rollout(rollout_id, unit_ids)
