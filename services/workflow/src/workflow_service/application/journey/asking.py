"""The use case of asking another service for what a step begins with: a round, or modules."""

from dataclasses import replace
from typing import assert_never

from workflow_service.application.ports import (
    JourneyFilter,
    OpenUnitOfWork,
    PeerRefused,
    Peers,
    UnitOfWork,
)
from workflow_service.domain.errors import rollout_unknown
from workflow_service.domain.journey.journey import Journey, JourneyStuck
from workflow_service.domain.journey.turn import (
    AssignModules,
    OpenRounds,
    PeerRequest,
    Situation,
    cause_of_request,
    still_wanted,
)


async def ask(request: PeerRequest, open_uow: OpenUnitOfWork, peers: Peers) -> None:
    """Send the request for those of its units that still want it, and store each one's answer.

    A refused batch is sent again unit by unit, so that no unit holds back the others. Raises
    PeerRefused when all were asked and some were refused; PeerUnavailable as soon as nobody
    answers; DomainError `rollout-unknown`.
    """
    async with open_uow() as uow:
        wanting = await _wanting(request, uow)
    if not wanting:
        return
    unit_ids = tuple(situation.journey.unit_id for situation in wanting)
    request = replace(request, unit_ids=unit_ids)
    try:
        await _send(request, cause_of_request(wanting), peers)
    except PeerRefused as refusal:
        if len(unit_ids) > 1:
            await _ask_one_by_one(request, open_uow, peers)
            return
        async with open_uow() as uow:
            await store_refusal(request, refusal, uow)
        raise
    async with open_uow() as uow:
        await store_acceptance(request, uow)


async def _ask_one_by_one(request: PeerRequest, open_uow: OpenUnitOfWork, peers: Peers) -> None:
    refusals = []
    for unit_id in request.unit_ids:
        try:
            await ask(replace(request, unit_ids=(unit_id,)), open_uow, peers)
        except PeerRefused as refusal:
            refusals.append(refusal)
    if refusals:
        raise refusals[0]


async def _wanting(request: PeerRequest, uow: UnitOfWork) -> list[Situation]:
    """The units that were not paused, stopped or asked for since the request was planned."""
    state = await uow.rollouts.get(request.rollout_id)
    if state is None:
        raise rollout_unknown(request.rollout_id)
    if state.status != "active":
        return []
    units = JourneyFilter(unit_ids=request.unit_ids)
    situations = await uow.rollouts.situations(request.rollout_id, units)
    return [situation for situation in situations if still_wanted(request, situation.journey)]


async def _send(request: PeerRequest, cause: str | None, peers: Peers) -> None:
    match request:
        case OpenRounds():
            await peers.open_rounds(request, cause)
        case AssignModules():
            await peers.assign_modules(request, cause)
        case _:
            assert_never(request)


async def store_acceptance(request: PeerRequest, uow: UnitOfWork) -> None:
    """The other service has accepted the request, also for a unit that was paused meanwhile."""
    unasked = [j for j in await _asking(request, uow) if j.asked_at is None]
    await uow.rollouts.save_journeys([journey.asked(request.at) for journey in unasked])


async def store_refusal(request: PeerRequest, why: PeerRefused, uow: UnitOfWork) -> None:
    """The other service refuses: shown as what the journey waits for, until it accepts."""
    refusal = (why.code, why.detail)
    news = [j for j in await _asking(request, uow) if (j.refused, j.refused_detail) != refusal]
    after = [journey.turned_down(*refusal) for journey in news]
    await uow.rollouts.save_journeys(after)
    for journey, refused in zip(news, after, strict=True):
        asks_for_another = refused.release_id != journey.release_id
        if journey.refused != why.code and not asks_for_another:
            uow.record(JourneyStuck(journey.rollout_id, journey.unit_id, journey.step, why.code))


async def _asking(request: PeerRequest, uow: UnitOfWork) -> list[Journey]:
    """The journeys that the request was sent for, of those that have not gone on since."""
    if await uow.rollouts.lock(request.rollout_id) is None:
        raise rollout_unknown(request.rollout_id)
    units = JourneyFilter(unit_ids=request.unit_ids)
    journeys = await uow.rollouts.journeys(request.rollout_id, units)
    asked_for = (request.step, request.release_id)
    return [j for j in journeys.values() if (j.step, j.release_id) == asked_for]
