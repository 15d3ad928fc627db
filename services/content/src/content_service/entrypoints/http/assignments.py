"""HTTP: what is on a unit's plan."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from content_service.application import handlers, queries
from content_service.application.commands import AssignModules, SetItemStatus
from content_service.entrypoints.app import (
    ID_PATTERN,
    Overseer,
    Planner,
    PracticeReader,
    Recorder,
    app_of,
)
from content_service.entrypoints.http.assignment_schemas import (
    AssignBody,
    AssignedBody,
    AssignmentBody,
    ItemStatusBody,
)
from content_service.entrypoints.http.fields import UnknownReferenceBody
from servicekit.idempotency import IdempotencyKey, idempotent
from servicekit.paging import Page, PageQuery

router = APIRouter(tags=["assignments"])


@router.post("/assignments", response_model=AssignedBody)
async def assign_modules(
    request: Request, caller: Planner, key: IdempotencyKey, body: AssignBody
) -> Response:
    """Put the latest version of each module on each unit's plan; existing assignments stay.

    A rollout or unit that is not known here is refused (422). To the role `service`, which may ask
    before the events that announce them have arrived, it is a warning in the answer instead.
    """
    command = AssignModules(
        body.rollout_id,
        tuple(body.unit_ids),
        tuple(body.module_ids),
        by_service=caller.has("service"),
    )
    async with app_of(request).uow().by(caller) as uow:

        async def produce() -> AssignedBody:
            assigned, unknown = await handlers.assign_modules(command, caller.scope, uow)
            return AssignedBody(
                assignments=[AssignmentBody.of(one) for one in assigned],
                warnings=[UnknownReferenceBody.of(one) for one in unknown],
            )

        return await idempotent(uow, key, produce)


@router.get("/assignments")
async def list_assignments(
    request: Request,
    caller: PracticeReader,
    page: PageQuery,
    unit_id: Annotated[str | None, Query(pattern=ID_PATTERN)] = None,
    rollout_id: UUID | None = None,
) -> Page[AssignmentBody]:
    """Assignments of the caller's units, by unit and module."""
    async with app_of(request).uow().at_one_moment() as uow:
        found, total = await queries.list_assignments(unit_id, rollout_id, caller.scope, page, uow)
    return page.holding([AssignmentBody.of(assignment) for assignment in found], total)


@router.get("/open-problems")
async def list_open_problems(
    request: Request, caller: Overseer, page: PageQuery
) -> Page[UnknownReferenceBody]:
    """Rollouts and units that assignments refer to and that are not known here.

    An entry goes away by itself when the event that announces the rollout or unit arrives. One
    that stays for more than a few minutes was assigned with a wrong id, or an event was lost.
    """
    async with app_of(request).uow().at_one_moment() as uow:
        found, total = await uow.references.open_problems(caller.scope, page)
    return page.holding([UnknownReferenceBody.of(one) for one in found], total)


@router.put("/assignments/{assignment_id}/items/{item_id}")
async def set_item_status(
    request: Request, caller: Recorder, assignment_id: UUID, item_id: str, body: ItemStatusBody
) -> AssignmentBody:
    """Set the unit's progress with one item. A waived item needs a reason."""
    command = SetItemStatus(assignment_id, item_id, body.status, body.reason)
    async with app_of(request).uow().by(caller) as uow:
        changed = await handlers.set_item_status(command, caller.scope, uow)
    return AssignmentBody.of(changed)
