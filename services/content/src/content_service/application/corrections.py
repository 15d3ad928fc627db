"""The use cases for evidence that was wrong. Each keeps what the record was before, and why, runs
inside an open unit of work and never commits."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID, uuid4

from content_service.application import scope as scopes
from content_service.application.commands import (
    CorrectAction,
    CorrectMeeting,
    WithdrawAction,
    WithdrawCheckBack,
    WithdrawMeeting,
)
from content_service.application.differences import difference
from content_service.application.handlers import assignment_of, lock_action
from content_service.application.ports import PageOf, Scope, UnitOfWork
from content_service.application.queries import check_rollout
from content_service.domain import correction
from content_service.domain.calendar import civil_date
from content_service.domain.correction import Change, ChangeKind
from content_service.domain.errors import DomainError
from content_service.domain.practice import Action, Meeting

_OPERATIONS: Mapping[ChangeKind, str] = {
    "meeting_corrected": "correct_meeting",
    "meeting_withdrawn": "withdraw_meeting",
    "action_corrected": "correct_action",
    "action_withdrawn": "withdraw_action",
    "check_back_withdrawn": "withdraw_check_back",
}


async def correct_meeting(command: CorrectMeeting, scope: Scope, uow: UnitOfWork) -> Meeting:
    """Return the corrected record.

    Raises DomainError `meeting-unknown` (also outside the scope), or one of the domain's.
    """
    before = await _lock_meeting(command.meeting_id, scope, uow)
    after = replace(
        before,
        assignment_id=command.assignment_id,
        variant=command.variant,
        held_on=command.held_on,
        headcount=command.headcount,
    )
    module, unit = await assignment_of(after, uow), await uow.units.get(before.unit_id)
    today = civil_date(await uow.now())
    event = correction.correct_meeting(before, after, module, unit, today)
    await uow.practice.save_meeting(after)
    await _keep("meeting_corrected", before, after, command.reason, uow)
    uow.record(event)
    return after


async def withdraw_meeting(command: WithdrawMeeting, scope: Scope, uow: UnitOfWork) -> Meeting:
    """Return the withdrawn record.

    Raises DomainError `meeting-unknown` (also outside the scope) or `meeting-withdrawn`.
    """
    before = await _lock_meeting(command.meeting_id, scope, uow)
    after, event = correction.withdraw_meeting(before, await uow.now())
    await uow.practice.save_meeting(after)
    await _keep("meeting_withdrawn", before, after, command.reason, uow)
    uow.record(event)
    return after


async def correct_action(command: CorrectAction, scope: Scope, uow: UnitOfWork) -> Action:
    """Return the corrected action.

    Raises DomainError `action-unknown` (also outside the scope), or one of the domain's.
    """
    before = await lock_action(command.action_id, scope, uow)
    after = replace(
        before,
        behaviour=command.behaviour,
        text=command.text,
        check_back_on=command.check_back_on,
    )
    event = correction.correct_action(before, after, civil_date(await uow.now()))
    await uow.practice.save_action(after)
    await _keep("action_corrected", before, after, command.reason, uow)
    uow.record(event)
    return after


async def withdraw_action(command: WithdrawAction, scope: Scope, uow: UnitOfWork) -> Action:
    """Return the withdrawn action.

    Raises DomainError `action-unknown` (also outside the scope) or `action-withdrawn`.
    """
    before = await lock_action(command.action_id, scope, uow)
    after, event = correction.withdraw_action(before, await uow.now())
    await uow.practice.save_action(after)
    await _keep("action_withdrawn", before, after, command.reason, uow)
    uow.record(event)
    return after


async def withdraw_check_back(command: WithdrawCheckBack, scope: Scope, uow: UnitOfWork) -> Action:
    """Return the action without its outcome.

    Raises DomainError `action-unknown` (also outside the scope), or one of the domain's.
    """
    before = await lock_action(command.action_id, scope, uow)
    after, event = correction.withdraw_check_back(before)
    await uow.practice.save_action(after)
    await _keep("check_back_withdrawn", before, after, command.reason, uow)
    uow.record(event)
    return after


async def list_changes(
    unit_id: str, rollout_id: UUID, scope: Scope, page: PageOf, uow: UnitOfWork
) -> tuple[list[Change], int]:
    """A unit's corrections and withdrawals in a rollout.

    Raises DomainError `outside-scope` or `rollout-unknown`.
    """
    await scopes.check(scope, unit_id, uow)
    await check_rollout(rollout_id, uow)
    return await uow.practice.changes(rollout_id, unit_id, page)


async def _lock_meeting(meeting_id: UUID, scope: Scope, uow: UnitOfWork) -> Meeting:
    meeting = await uow.practice.lock_meeting(meeting_id)
    if meeting is None or not await scopes.covers(scope, meeting.unit_id, uow):
        detail = f"There is no meeting {meeting_id} in your units."
        raise DomainError("meeting-unknown", "not_found", detail)
    return meeting


async def _keep(
    kind: ChangeKind,
    before: Meeting | Action,
    after: Meeting | Action,
    reason: str,
    uow: UnitOfWork,
) -> None:
    change = Change(uuid4(), kind, reason, before, await uow.now())
    await uow.practice.add_change(change)
    subject = f"{'meeting' if isinstance(before, Meeting) else 'action'}/{change.record_id}"
    operation, (was, now) = f"practice.correct/{_OPERATIONS[kind]}", difference(before, after)
    uow.audit(operation, subject, was, now, reason, unit_id=before.unit_id)
