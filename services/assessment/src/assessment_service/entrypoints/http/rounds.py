"""HTTP: rounds."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from assessment_service.application import handlers, releasing
from assessment_service.application.commands import (
    CloseRound,
    ExtendRound,
    OpenRounds,
    WriteOffRound,
)
from assessment_service.application.ports import RoundFilter
from assessment_service.domain.round import Status
from assessment_service.entrypoints.app import AssessmentApp, app_of
from assessment_service.entrypoints.http.access import (
    Overseer,
    RoundCloser,
    RoundExtender,
    RoundLister,
    RoundOpener,
    RoundReader,
)
from assessment_service.entrypoints.http.kept_answer import ASK_EACH_TIME, NOT_MODIFIED, kept_answer
from assessment_service.entrypoints.http.round_schemas import (
    ExtendBody,
    OpenedRoundsBody,
    OpenRoundsBody,
    RoundBody,
    UnknownRolloutBody,
    WholeRoundBody,
    WriteOffBody,
    whole_round,
)
from assessment_service.entrypoints.http.who_sees_what import who_sees_what
from contracts.vocabulary import UnitId
from servicekit.auth import Principal
from servicekit.idempotency import IdempotencyKey, idempotent
from servicekit.paging import Page, PageQuery

router = APIRouter(tags=["rounds"])


@router.post("/rounds", response_model=OpenedRoundsBody)
async def open_rounds(
    request: Request, caller: RoundOpener, key: IdempotencyKey, body: OpenRoundsBody
) -> Response:
    """Open a round in each unit; all or none. Only for the workflow service.

    A unit has one round per rollout and occasion; if it exists, it is returned unchanged. A rollout
    that is not known here yet is a warning in the answer; an unknown unit is refused (409).
    """
    app = app_of(request)
    command = OpenRounds(
        body.release(),
        tuple(body.unit_ids),
        body.closes_at,
        body.wait.until if body.wait else None,
        frozenset(body.wait.unit_ids if body.wait else ()),
    )
    async with app.uow().by(caller) as uow:

        async def produce() -> OpenedRoundsBody:
            rounds = await handlers.open_rounds(command, caller.scope, uow, app.keys, app.vault)
            is_known = await uow.rollouts.is_known(body.rollout_id)
            return OpenedRoundsBody.of(command.release, rounds, is_known)

        return await idempotent(uow, key, produce)


@router.get("/rounds")
async def list_rounds(
    request: Request,
    caller: RoundLister,
    page: PageQuery,
    unit_id: UnitId | None = None,
    status: Status | None = None,
    rollout_id: UUID | None = None,
) -> Page[RoundBody]:
    """Rounds of the units that the caller's roles cover, latest first."""
    async with app_of(request).uow().at_one_moment() as uow:
        wanted = RoundFilter(unit_id, status, rollout_id)
        rounds, total = await uow.rounds.page(caller.scope, wanted, page)
    return page.holding([RoundBody.of(round_) for round_ in rounds], total)


@router.get("/open-problems")
async def list_open_problems(
    request: Request, caller: Overseer, page: PageQuery
) -> Page[UnknownRolloutBody]:
    """Rollouts that rounds of the caller's units belong to and that are not known here.

    An entry goes away by itself when the event that announces the rollout arrives. One that stays
    for more than a few minutes has a wrong id, or an event was lost.
    """
    async with app_of(request).uow().at_one_moment() as uow:
        found, total = await uow.rollouts.unknown(caller.scope, page)
    return page.holding([UnknownRolloutBody.of(rollout_id) for rollout_id in found], total)


@router.get("/rounds/{round_id}", response_model=WholeRoundBody, responses=NOT_MODIFIED)
async def get_round(request: Request, caller: RoundReader, round_id: UUID) -> Response:
    """A round with its instrument, and a text that explains who will see what."""
    return await read(app_of(request), caller, round_id, request.headers.get("if-none-match", ""))


async def read(
    app: AssessmentApp, caller: Principal, round_id: UUID, if_none_match: str
) -> Response:
    """The work of `GET /rounds/{id}`. Raises what `Reading.round` raises."""
    view = await app.reading.round(round_id, caller.at_round(round_id).scope)
    content = whole_round(
        view.round,
        app.instrument_json(view.instrument),
        who_sees_what(app.rule, view.has_custodian, view.others),
    )
    return kept_answer(content, ASK_EACH_TIME, if_none_match)


@router.post("/rounds/{round_id}/close", response_model=RoundBody)
async def close_round(
    request: Request, caller: RoundCloser, key: IdempotencyKey, round_id: UUID
) -> Response:
    """Close a round before its closing time. Closing a closed round changes nothing."""
    app = app_of(request)
    async with app.uow().by(caller) as uow:

        async def produce() -> RoundBody:
            command = CloseRound(round_id)
            return RoundBody.of(await handlers.close_round(command, caller.scope, uow))

        return await idempotent(uow, key, produce)


@router.post("/rounds/{round_id}/extend", response_model=RoundBody)
async def extend_round(
    request: Request,
    caller: RoundExtender,
    key: IdempotencyKey,
    round_id: UUID,
    body: ExtendBody,
) -> Response:
    """Give an open round another closing time, with a reason that its readers can see.

    If the round is held by a pause, the rest of the pause moves the new time too.
    """
    command = ExtendRound(round_id, body.closes_at, body.reason)
    async with app_of(request).uow().by(caller) as uow:

        async def produce() -> RoundBody:
            return RoundBody.of(await handlers.extend_round(command, caller.scope, uow))

        return await idempotent(uow, key, produce)


@router.post("/rounds/{round_id}/write-off", response_model=RoundBody)
async def write_off_round(
    request: Request,
    caller: RoundExtender,
    key: IdempotencyKey,
    round_id: UUID,
    body: WriteOffBody,
) -> Response:
    """Allow a release without a closed round whose answers cannot be read any more.

    Refused if every answer can be read. A round that is written off counts as one in which nobody
    answered.
    """
    app = app_of(request)
    command = WriteOffRound(round_id, body.reason)
    async with app.uow().by(caller) as uow:

        async def produce() -> RoundBody:
            round_ = await releasing.write_off_round(command, caller.scope, uow, app.vault)
            return RoundBody.of(round_)

        return await idempotent(uow, key, produce)
