"""HTTP: evidence that was wrong is corrected or withdrawn, with a reason."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from content_service.application import corrections
from content_service.application.commands import (
    CorrectAction,
    CorrectMeeting,
    WithdrawAction,
    WithdrawCheckBack,
    WithdrawMeeting,
)
from content_service.domain.practice import Action, Meeting
from content_service.entrypoints.app import Corrector, PracticeReader, UnitId, app_of
from content_service.entrypoints.http.correction_schemas import (
    ChangeBody,
    CorrectActionBody,
    CorrectMeetingBody,
    WithdrawBody,
)
from content_service.entrypoints.http.practice_schemas import ActionBody, MeetingBody
from servicekit.auth import Principal
from servicekit.idempotency import IdempotencyKey, IdempotentRequest, idempotent
from servicekit.paging import Page, PageQuery

router = APIRouter(tags=["corrections"])


@router.post("/meetings/{meeting_id}/correct", response_model=MeetingBody)
async def correct_meeting(
    request: Request,
    caller: Corrector,
    key: IdempotencyKey,
    meeting_id: UUID,
    body: CorrectMeetingBody,
) -> Response:
    """Replace what is recorded about a meeting. How it was recorded before stays readable."""
    command = CorrectMeeting(meeting_id, **dict(body))
    return await _done(request, caller, key, corrections.correct_meeting, command)


@router.post("/meetings/{meeting_id}/withdraw", response_model=MeetingBody)
async def withdraw_meeting(
    request: Request,
    caller: Corrector,
    key: IdempotencyKey,
    meeting_id: UUID,
    body: WithdrawBody,
) -> Response:
    """Withdraw the record of a meeting: it does not count any more, and never changes again."""
    command = WithdrawMeeting(meeting_id, body.reason)
    return await _done(request, caller, key, corrections.withdraw_meeting, command)


@router.post("/actions/{action_id}/correct", response_model=ActionBody)
async def correct_action(
    request: Request,
    caller: Corrector,
    key: IdempotencyKey,
    action_id: UUID,
    body: CorrectActionBody,
) -> Response:
    """Replace what is recorded about a chosen action. How it was before stays readable."""
    command = CorrectAction(action_id, **dict(body))
    return await _done(request, caller, key, corrections.correct_action, command)


@router.post("/actions/{action_id}/withdraw", response_model=ActionBody)
async def withdraw_action(
    request: Request,
    caller: Corrector,
    key: IdempotencyKey,
    action_id: UUID,
    body: WithdrawBody,
) -> Response:
    """Withdraw a chosen action, with its outcome: it does not count any more."""
    command = WithdrawAction(action_id, body.reason)
    return await _done(request, caller, key, corrections.withdraw_action, command)


@router.post("/actions/{action_id}/check-back/withdraw", response_model=ActionBody)
async def withdraw_check_back(
    request: Request,
    caller: Corrector,
    key: IdempotencyKey,
    action_id: UUID,
    body: WithdrawBody,
) -> Response:
    """Withdraw an action's outcome and note. The unit can then check back again."""
    command = WithdrawCheckBack(action_id, body.reason)
    return await _done(request, caller, key, corrections.withdraw_check_back, command)


@router.get("/units/{unit_id}/changes")
async def list_changes(
    request: Request, caller: PracticeReader, page: PageQuery, unit_id: UnitId, rollout_id: UUID
) -> Page[ChangeBody]:
    """Corrections and withdrawals of a unit's records in a rollout, latest first."""
    async with app_of(request).uow().at_one_moment() as uow:
        found, total = await corrections.list_changes(unit_id, rollout_id, caller.scope, page, uow)
    return page.holding([ChangeBody.of(change) for change in found], total)


async def _done(
    request: Request,
    caller: Principal,
    key: IdempotentRequest,
    use_case: Callable[[Any, Any, Any], Awaitable[Meeting | Action]],
    command: object,
) -> Response:
    """The answer to a correction, which has one effect per key."""
    async with app_of(request).uow().by(caller) as uow:

        async def produce() -> MeetingBody | ActionBody:
            changed = await use_case(command, caller.scope, uow)
            if isinstance(changed, Meeting):
                return MeetingBody.of(changed)
            return ActionBody.of(changed)

        return await idempotent(uow, key, produce)
