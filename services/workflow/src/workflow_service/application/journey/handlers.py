"""Use cases of a running wave: read it, record its moves, store what other services reported."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from workflow_service.application.ports import JourneyFilter, NewEvidence, UnitOfWork
from workflow_service.application.template.handlers import get_template
from workflow_service.domain.errors import rollout_unknown
from workflow_service.domain.journey.journey import Move, moved
from workflow_service.domain.journey.turn import WaveSnapshot, cause_of_move, plan_moves
from workflow_service.domain.rollout.rollout import Rollout


async def read_wave(rollout_id: UUID, wave: int, uow: UnitOfWork) -> WaveSnapshot:
    """The wave as stored. Raises DomainError `rollout-unknown`."""
    return await _snapshot(await uow.rollouts.get(rollout_id), rollout_id, wave, uow)


async def _snapshot(
    state: Rollout | None, rollout_id: UUID, wave: int, uow: UnitOfWork
) -> WaveSnapshot:
    if state is None:
        raise rollout_unknown(rollout_id)
    stored = await get_template(state.template_id, state.template_version, uow)
    situations = await uow.rollouts.situations(rollout_id, JourneyFilter(wave=wave))
    return WaveSnapshot(
        rollout_id, wave, state.status, stored.template, tuple(situations), state.pauses
    )


async def record_moves(
    rollout_id: UUID, wave: int, moves: Sequence[Move], uow: UnitOfWork
) -> WaveSnapshot:
    """Take the steps, except of journeys that have changed since they were planned, and of those
    that could not have been planned by what is known now: a pause or a correction holds.
    Returns the wave as it is then. Each unit's events continue the trace of the evidence that
    allowed its step. Raises DomainError `rollout-unknown`.
    """
    state = await uow.rollouts.lock(rollout_id)
    snapshot = await _snapshot(state, rollout_id, wave, uow)
    possible = {
        m.unit_id: m.to_step for at in {m.at for m in moves} for m in plan_moves(snapshot, at)
    }
    planned = {
        (move.unit_id, move.version): move
        for move in moves
        if possible.get(move.unit_id) == move.to_step
    }
    situations, changed = [], []
    for situation in snapshot.units:
        journey = situation.journey
        if move := planned.get((journey.unit_id, journey.version)):
            journey, events = moved(journey, move, situation.headcount)
            changed.append(journey)
            for event in events:
                uow.record(event, cause=cause_of_move(situation))
        situations.append(replace(situation, journey=journey))
    await uow.rollouts.save_journeys(changed)
    return replace(snapshot, units=tuple(situations))


async def store_evidence(new: NewEvidence, uow: UnitOfWork) -> bool:
    """Store what another service reported. False if there is no such journey: evidence about it can
    never count here, because journeys are there before anybody is asked for anything."""
    return await uow.rollouts.add_evidence(new)


async def withdraw_evidence(
    rollout_id: UUID, unit_id: str, kind: str, reference: UUID, at: datetime, uow: UnitOfWork
) -> None:
    """From now on this evidence does not count: a journey that waits for it waits again, and the
    next evaluation of the gate leaves it out. A step that was taken stays taken."""
    await uow.rollouts.withdraw_evidence(rollout_id, unit_id, kind, reference, at)
