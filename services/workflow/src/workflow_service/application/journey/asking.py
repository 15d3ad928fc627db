"""The use case of asking another service for what a step begins with: a round, or modules."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import assert_never

from workflow_service.application.ports import PeerRefused, Peers, UnitOfWork
from workflow_service.domain.errors import rollout_unknown
from workflow_service.domain.journey.journey import Journey
from workflow_service.domain.journey.turn import AssignModules, Command, OpenRounds, still_wanted

OpenUnitOfWork = Callable[[], AbstractAsyncContextManager[UnitOfWork]]


async def ask(command: Command, open_uow: OpenUnitOfWork, peers: Peers) -> None:
    """Send the command for those of its units that still want it, and note each one's answer.

    A refused batch is sent again unit by unit, so that no unit holds back the others. Raises
    PeerRefused when all were asked and some were refused; PeerUnavailable as soon as nobody
    answers; DomainError `rollout-unknown`.
    """
    async with open_uow() as uow:
        unit_ids = await _wanting(command, uow)
    if not unit_ids:
        return
    command = replace(command, unit_ids=unit_ids)
    try:
        await _send(command, peers)
    except PeerRefused as refusal:
        if len(unit_ids) > 1:
            await _ask_one_by_one(command, open_uow, peers)
            return
        async with open_uow() as uow:
            await note_refused(command, refusal, uow)
        raise
    async with open_uow() as uow:
        await note_asked(command, uow)


async def _ask_one_by_one(command: Command, open_uow: OpenUnitOfWork, peers: Peers) -> None:
    refusals = []
    for unit_id in command.unit_ids:
        try:
            await ask(replace(command, unit_ids=(unit_id,)), open_uow, peers)
        except PeerRefused as refusal:
            refusals.append(refusal)
    if refusals:
        raise refusals[0]


async def _wanting(command: Command, uow: UnitOfWork) -> tuple[str, ...]:
    """The units that were not paused, stopped or asked for since the command was planned."""
    state = await uow.rollouts.get(command.rollout_id)
    if state is None:
        raise rollout_unknown(command.rollout_id)
    if state.status != "active":
        return ()
    journeys = await uow.rollouts.journeys(command.rollout_id, command.unit_ids)
    return tuple(unit_id for unit_id, each in journeys.items() if still_wanted(command, each))


async def _send(command: Command, peers: Peers) -> None:
    match command:
        case OpenRounds():
            await peers.open_rounds(command)
        case AssignModules():
            await peers.assign_modules(command)
        case _:
            assert_never(command)


async def note_asked(command: Command, uow: UnitOfWork) -> None:
    """The other service has taken the command, also for a unit that was paused meanwhile."""
    unasked = [j for j in await _in_step(command, uow) if j.asked_at is None]
    await uow.rollouts.save_journeys([journey.asked(command.at) for journey in unasked])


async def note_refused(command: Command, why: PeerRefused, uow: UnitOfWork) -> None:
    """The other service will not: shown as what the journey waits for, until it does."""
    told = (why.code, why.detail)
    news = [j for j in await _in_step(command, uow) if (j.refused, j.refused_detail) != told]
    await uow.rollouts.save_journeys([journey.turned_down(*told) for journey in news])


async def _in_step(command: Command, uow: UnitOfWork) -> list[Journey]:
    if await uow.rollouts.lock(command.rollout_id) is None:
        raise rollout_unknown(command.rollout_id)
    journeys = await uow.rollouts.journeys(command.rollout_id, command.unit_ids)
    return [journey for journey in journeys.values() if journey.step == command.step]
