"""HTTP: what is on a unit's plan."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from content_service.application import handlers, queries
from content_service.application.commands import AssignModules, SetItemStatus
from content_service.entrypoints.app import ID_PATTERN, Manager, Planner, Reader, app_of
from content_service.entrypoints.assignment_schemas import (
    AssignBody,
    AssignedBody,
    AssignmentBody,
    ItemStatusBody,
)
from servicekit.idempotency import IdempotencyKey, idempotent
from servicekit.paging import Page, PageQuery

router = APIRouter(tags=["assignments"])


@router.post("/assignments", response_model=AssignedBody)
async def assign_modules(
    request: Request, caller: Planner, key: IdempotencyKey, body: AssignBody
) -> Response:
    """Put the latest version of each module on each unit's plan; existing assignments stay."""
    command = AssignModules(body.rollout_id, tuple(body.unit_ids), tuple(body.module_ids))
    async with app_of(request).uow() as uow:

        async def produce() -> AssignedBody:
            assigned = await handlers.assign_modules(command, caller.scope, uow)
            return AssignedBody(assignments=[AssignmentBody.of(one) for one in assigned])

        return await idempotent(uow, key, produce)


@router.get("/assignments")
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


@router.put("/assignments/{assignment_id}/items/{item_id}")
async def set_item_status(
    request: Request, caller: Manager, assignment_id: UUID, item_id: str, body: ItemStatusBody
) -> AssignmentBody:
    """Set the unit's progress with one item. A waived item needs a reason."""
    command = SetItemStatus(assignment_id, item_id, body.status, body.reason)
    async with app_of(request).uow() as uow:
        changed = await handlers.set_item_status(command, caller.scope, uow)
    return AssignmentBody.of(changed)
