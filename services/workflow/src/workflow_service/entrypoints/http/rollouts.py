"""HTTP: rollouts, their journeys and history, and the administrators' actions."""

import hashlib
import inspect
import logging
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request, Response

from servicekit.access import limited, may, permitted
from servicekit.auth import Principal, authenticated
from servicekit.csv_answer import WantsCsv, also_csv, csv_answer, every
from servicekit.idempotency import IdempotencyKey, IdempotentRequest, idempotent
from servicekit.paging import Page, PageQuery, PageRequest
from servicekit.problems import ProblemError
from workflow_service.application.organisation import queries as unit_queries
from workflow_service.application.ports import (
    ActionRequest,
    Engine,
    EngineUnavailable,
    UnitOfWork,
)
from workflow_service.application.rollout import handlers as rollout_handlers
from workflow_service.application.rollout import queries as rollout_queries
from workflow_service.application.rollout.board import wanted_in
from workflow_service.application.rollout.commands import CreateRollout, permission_for
from workflow_service.domain.errors import DomainError
from workflow_service.domain.rollout.eyes import acting
from workflow_service.entrypoints.app import app_of
from workflow_service.entrypoints.http.action_bodies import ACTION_BODIES, ActionBody
from workflow_service.entrypoints.http.boards import Wanted
from workflow_service.entrypoints.http.fields import action_path
from workflow_service.entrypoints.http.journey_schemas import COLUMNS as JOURNEY_COLUMNS
from workflow_service.entrypoints.http.journey_schemas import EXAMPLE as JOURNEY_EXAMPLE
from workflow_service.entrypoints.http.journey_schemas import JourneyBody
from workflow_service.entrypoints.http.rollout_schemas import (
    NewRolloutBody,
    PublishedDecisionBody,
    RolloutBody,
    RolloutSummaryBody,
    TransitionBody,
)

log = logging.getLogger(__name__)

router = APIRouter(tags=["rollouts"])
Administrator = Annotated[Principal, may("rollouts.act")]
RolloutReader = Annotated[Principal, may("rollouts.read")]
JourneyReader = Annotated[Principal, may("journeys.read")]
DecisionReader = Annotated[Principal, may("decisions.read")]
_RETRY_AFTER = {"retry-after": "5"}


async def acting_caller(principal: Annotated[Principal, Depends(authenticated)]) -> str:
    """For four eyes the caller is everybody in whose place they could decide, whatever the role is
    that this request needs."""
    deciding = limited(principal, "decisions.approve").assignments
    places = sorted({one.standing_for for one in deciding} - {""})
    return acting(principal.subject, " ".join(places))


Acting = Annotated[str, Depends(acting_caller)]
"""The caller as `eyes` compares them."""


@router.post("/rollouts", status_code=201, response_model=RolloutBody)
async def create_rollout(
    request: Request, caller: Administrator, by: Acting, key: IdempotencyKey, body: NewRolloutBody
) -> Response:
    """Create a rollout from a template. Nothing runs until the pilot is started."""
    app = app_of(request)
    command = CreateRollout(
        rollout_id=uuid4(),
        name=body.name,
        template_id=body.template_id,
        template_version=body.template_version,
        pilot_unit_ids=tuple(body.pilot_unit_ids),
        unit_ids=None if body.unit_ids is None else tuple(body.unit_ids),
        by=by,
    )
    created = False
    async with app.uow().by(caller) as uow:

        async def produce() -> RolloutBody:
            nonlocal created
            created = True
            state = await rollout_handlers.create_rollout(command, uow)
            view = await rollout_queries.get_rollout(
                state.rollout_id, by, uow, _permitted_actions(caller)
            )
            return RolloutBody.of(view)

        response = await idempotent(uow, key, produce, status=201)
    if created:  # Not on a replay: there the stored answer names another id.
        try:
            await app.engine.start_rollout(command.rollout_id)
        except Exception as error:  # It is stored: this must not be answered as a failure.
            name = type(error).__name__
            log.warning("rollout %s has no workflow yet (%s); it will", command.rollout_id, name)
    return response


@router.get("/rollouts")
async def list_rollouts(
    request: Request, caller: RolloutReader, page: PageQuery
) -> Page[RolloutSummaryBody]:
    """Rollouts, newest first."""
    async with app_of(request).uow().at_one_moment() as uow:
        found, total = await uow.rollouts.page(page)
    return page.holding([RolloutSummaryBody.of_state(state) for state in found], total)


@router.get("/rollouts/{rollout_id}")
async def get_rollout(
    request: Request, caller: RolloutReader, by: Acting, rollout_id: UUID
) -> RolloutBody:
    """A rollout; which actions the caller may do now, and for the others why not."""
    async with app_of(request).uow() as uow:
        view = await rollout_queries.get_rollout(rollout_id, by, uow, _permitted_actions(caller))
    return RolloutBody.of(view)


@router.get("/rollouts/{rollout_id}/decision")
async def get_decision(
    request: Request, caller: DecisionReader, rollout_id: UUID
) -> PublishedDecisionBody:
    """The decision about a rollout and the reasons for it, once it is approved."""
    async with app_of(request).uow() as uow:
        decision = await rollout_queries.get_decision(rollout_id, uow)
    return PublishedDecisionBody.model_validate(decision)


@router.get(
    "/rollouts/{rollout_id}/journeys",
    response_model=Page[JourneyBody],
    responses=also_csv(JOURNEY_COLUMNS, JOURNEY_EXAMPLE),
)
async def list_journeys(
    request: Request,
    caller: JourneyReader,
    rollout_id: UUID,
    page: PageQuery,
    as_csv: WantsCsv,
    query: Wanted,
) -> Page[JourneyBody] | Response:
    """Journeys of the caller's units and all below them, by unit id.

    With `Accept: text/csv` all of them in one file; its times are Swedish.
    """
    leader = limited(caller, "journeys.explain")
    async with app_of(request).uow().at_one_moment() as uow:

        async def read(part: PageRequest) -> tuple[list[JourneyBody], int]:
            wanted = await wanted_in(query.wanted, caller.scope, query.branch, uow)
            found, total = await rollout_queries.list_journeys(rollout_id, wanted, part, uow)
            led = await unit_queries.units_in(uow, leader.scope)
            journeys = [
                JourneyBody.of(view, reasons=led is None or view.situation.journey.unit_id in led)
                for view in found
            ]
            return journeys, total

        if as_csv:
            rows = [journey.row() for journey in await every(read)]
            return await csv_answer("journeys", JOURNEY_COLUMNS, rows)
        found, total = await read(page)
    return page.holding(found, total)


@router.get("/rollouts/{rollout_id}/history")
async def list_history(
    request: Request, caller: RolloutReader, rollout_id: UUID, page: PageQuery
) -> Page[TransitionBody]:
    """Every accepted transition, newest first."""
    async with app_of(request).uow().at_one_moment() as uow:
        found, total = await rollout_queries.list_transitions(rollout_id, page, uow)
    return page.holding([TransitionBody.of(transition) for transition in found], total)


async def _perform(
    request: Request,
    caller: Principal,
    by: str,
    key: IdempotentRequest,
    rollout_id: UUID,
    body: ActionBody,
) -> Response:
    app = app_of(request)
    action = ActionRequest(body.command(), by, _request_id(key), body.expected_version)
    # The key's row is held while the workflow decides: no more at a time than leave the pool room.
    async with app.actions, app.uow().by(caller) as uow:

        async def produce() -> RolloutBody:
            try:
                await _carry_out(rollout_id, action, app.engine, uow)
            except EngineUnavailable as error:
                detail = (
                    "The workflow engine did not answer in time. The action may still be carried"
                    " out: send it again with the same Idempotency-Key to learn."
                )
                raise ProblemError(503, "engine-unavailable", detail, _RETRY_AFTER) from error
            view = await rollout_queries.get_rollout(
                rollout_id, by, uow, _permitted_actions(caller)
            )
            return RolloutBody.of(view)

        return await idempotent(uow, key, produce)


async def _carry_out(
    rollout_id: UUID, action: ActionRequest, engine: Engine, uow: UnitOfWork
) -> None:
    if not await rollout_queries.is_to_do(rollout_id, action.request_id, uow):
        return
    try:
        await engine.perform(rollout_id, action)
    except DomainError:
        # An earlier attempt of this very request may have been under way, and made it impossible.
        if await rollout_queries.is_to_do(rollout_id, action.request_id, uow):
            raise


def _request_id(key: IdempotentRequest) -> str:
    """What the store knows the request by: the same for the same caller, key and request, and for
    no other. Every attempt's update id begins with it."""
    parts = f"{len(key.caller)}|{key.caller}|{key.key}|".encode() + key.fingerprint
    return hashlib.sha256(parts).hexdigest()


def _permitted_actions(caller: Principal) -> frozenset[str]:
    return frozenset(each for each in ACTION_BODIES if permitted(caller, permission_for(each)))


def _add_action(action: str, body_class: type[ActionBody]) -> None:
    async def perform(
        request: Request,
        caller: Annotated[Principal, may(permission_for(action))],
        by: Acting,
        key: IdempotencyKey,
        rollout_id: UUID,
        body: body_class,  # type: ignore[valid-type]
    ) -> Response:
        return await _perform(request, caller, by, key, rollout_id, body)

    summary, _, description = inspect.cleandoc(body_class.__doc__ or "").partition("\n\n")
    router.add_api_route(
        action_path("{rollout_id}", action),
        perform,
        methods=["POST"],
        name=action,
        summary=summary,
        description=description or summary,
        response_model=RolloutBody,
        tags=["actions"],
    )


for _action, _body in ACTION_BODIES.items():
    _add_action(_action, _body)
