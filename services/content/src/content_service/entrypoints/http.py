"""HTTP: what is on a unit's plan, and what the unit did."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from content_service.application import handlers, queries
from content_service.application.commands import (
    AssignModules,
    CheckBack,
    ChooseAction,
    HoldMeeting,
    SetItemStatus,
)
from content_service.entrypoints.app import (
    ID_PATTERN,
    Manager,
    Planner,
    Reader,
    UnitId,
    app_of,
)
from content_service.entrypoints.unit_schemas import (
    ActionBody,
    AssignBody,
    AssignedBody,
    AssignmentBody,
    CheckBackBody,
    ItemStatusBody,
    MeetingBody,
    NewActionBody,
    NewMeetingBody,
    ProgressBody,
)
from servicekit.idempotency import IdempotencyKey, idempotent
from servicekit.paging import Page, PageQuery

router = APIRouter()


@router.post("/assignments", tags=["assignments"], response_model=AssignedBody)
async def assign_modules(
    request: Request, caller: Planner, key: IdempotencyKey, body: AssignBody
) -> Response:
    """Put the newest version of each module on each unit's plan; what is there already stays."""
    command = AssignModules(body.rollout_id, tuple(body.unit_ids), tuple(body.module_ids))
    async with app_of(request).uow() as uow:

        async def produce() -> AssignedBody:
            assigned = await handlers.assign_modules(command, caller.scope, uow)
            return AssignedBody(assignments=[AssignmentBody.of(one) for one in assigned])

        return await idempotent(uow, key, produce)


@router.get("/assignments", tags=["assignments"])
async def list_assignments(
    request: Request,
    caller: Reader,
    page: PageQuery,
    unit_id: Annotated[str | None, Query(pattern=ID_PATTERN)] = None,
    rollout_id: UUID | None = None,
) -> Page[AssignmentBody]:
    """Assignments of the caller's units, by unit and module."""
    async with app_of(request).uow() as uow:
        found, total = await queries.list_assignments(unit_id, rollout_id, caller.scope, page, uow)
    return page.holding([AssignmentBody.of(assignment) for assignment in found], total)


@router.put("/assignments/{assignment_id}/items/{item_id}", tags=["assignments"])
async def set_item_status(
    request: Request, caller: Manager, assignment_id: UUID, item_id: str, body: ItemStatusBody
) -> AssignmentBody:
    """Tell how far the unit is with one item. A waived item needs a reason."""
    command = SetItemStatus(assignment_id, item_id, body.status, body.reason)
    async with app_of(request).uow() as uow:
        changed = await handlers.set_item_status(command, caller.scope, uow)
    return AssignmentBody.of(changed)


@router.post("/meetings", tags=["practice"], status_code=201, response_model=MeetingBody)
async def hold_meeting(
    request: Request, caller: Manager, key: IdempotencyKey, body: NewMeetingBody
) -> Response:
    """Record a meeting that was held. One held in several sessions is several records."""
    command = HoldMeeting(**dict(body))
    async with app_of(request).uow() as uow:

        async def produce() -> MeetingBody:
            held = await handlers.hold_meeting(command, caller.scope, uow)
            return MeetingBody.of(held)

        return await idempotent(uow, key, produce, status=201)


@router.post("/actions", tags=["practice"], status_code=201, response_model=ActionBody)
async def choose_action(
    request: Request, caller: Manager, key: IdempotencyKey, body: NewActionBody
) -> Response:
    """Record what the unit chose to practise, and when it will look back."""
    command = ChooseAction(**dict(body))
    async with app_of(request).uow() as uow:

        async def produce() -> ActionBody:
            chosen = await handlers.choose_action(command, caller.scope, uow)
            return ActionBody.of(chosen)

        return await idempotent(uow, key, produce, status=201)


@router.post("/actions/{action_id}/check-back", tags=["practice"], response_model=ActionBody)
async def check_back(
    request: Request,
    caller: Manager,
    key: IdempotencyKey,
    action_id: UUID,
    body: CheckBackBody,
) -> Response:
    """Record how a chosen action went, once."""
    command = CheckBack(action_id, body.outcome, body.note)
    async with app_of(request).uow() as uow:

        async def produce() -> ActionBody:
            return ActionBody.of(await handlers.check_back(command, caller.scope, uow))

        return await idempotent(uow, key, produce)


@router.get("/units/{unit_id}/progress", tags=["practice"])
async def get_progress(
    request: Request, caller: Reader, unit_id: UnitId, rollout_id: UUID
) -> ProgressBody:
    """What the unit has on its plan in a rollout, and what it did."""
    async with app_of(request).uow() as uow:
        progress = await queries.get_progress(unit_id, rollout_id, caller.scope, uow)
    return ProgressBody.of(progress)
