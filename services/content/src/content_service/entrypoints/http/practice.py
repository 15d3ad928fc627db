"""HTTP: what a unit did: meetings, actions, progress."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from content_service.application import handlers, queries
from content_service.application.commands import CheckBack, ChooseAction, HoldMeeting
from content_service.entrypoints.app import PaperRecorder, PracticeReader, Recorder, UnitId, app_of
from content_service.entrypoints.http.practice_schemas import (
    ActionBody,
    CheckBackBody,
    MeetingBody,
    NewActionBody,
    NewMeetingBody,
    ProgressBody,
)
from servicekit.idempotency import IdempotencyKey, idempotent

router = APIRouter(tags=["practice"])


@router.post("/meetings", status_code=201, response_model=MeetingBody)
async def hold_meeting(
    request: Request, caller: Recorder, key: IdempotencyKey, body: NewMeetingBody
) -> Response:
    """Record a meeting that was held. Each session of a meeting is a record of its own."""
    command = HoldMeeting(**dict(body))
    async with app_of(request).uow().by(caller) as uow:

        async def produce() -> MeetingBody:
            held = await handlers.hold_meeting(command, caller.scope, uow)
            return MeetingBody.of(held)

        return await idempotent(uow, key, produce, status=201)


@router.post("/meetings/on-paper", status_code=201, response_model=MeetingBody)
async def record_on_paper(
    request: Request, caller: PaperRecorder, key: IdempotencyKey, body: NewMeetingBody
) -> Response:
    """Record a meeting as the unit's manager noted it on paper. It is marked as such, and the
    audit trail has who recorded it."""
    command = HoldMeeting(**dict(body), on_paper=True)
    async with app_of(request).uow().by(caller) as uow:

        async def produce() -> MeetingBody:
            held = await handlers.hold_meeting(command, caller.scope, uow)
            return MeetingBody.of(held)

        return await idempotent(uow, key, produce, status=201)


@router.post("/actions", status_code=201, response_model=ActionBody)
async def choose_action(
    request: Request, caller: Recorder, key: IdempotencyKey, body: NewActionBody
) -> Response:
    """Record what the unit chose to practise, and when it will look back."""
    command = ChooseAction(**dict(body))
    async with app_of(request).uow().by(caller) as uow:

        async def produce() -> ActionBody:
            chosen = await handlers.choose_action(command, caller.scope, uow)
            return ActionBody.of(chosen)

        return await idempotent(uow, key, produce, status=201)


@router.post("/actions/{action_id}/check-back", response_model=ActionBody)
async def check_back(
    request: Request,
    caller: Recorder,
    key: IdempotencyKey,
    action_id: UUID,
    body: CheckBackBody,
) -> Response:
    """Record how a chosen action went, once."""
    command = CheckBack(action_id, body.outcome, body.note)
    async with app_of(request).uow().by(caller) as uow:

        async def produce() -> ActionBody:
            return ActionBody.of(await handlers.check_back(command, caller.scope, uow))

        return await idempotent(uow, key, produce)


@router.get("/units/{unit_id}/progress")
async def get_progress(
    request: Request, caller: PracticeReader, unit_id: UnitId, rollout_id: UUID
) -> ProgressBody:
    """What the unit has on its plan in a rollout, and what it did."""
    async with app_of(request).uow() as uow:
        progress = await queries.get_progress(unit_id, rollout_id, caller.scope, uow)
    return ProgressBody.of(progress)
