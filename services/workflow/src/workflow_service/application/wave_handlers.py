"""Use cases of a running wave: read it, record its moves, note what others were asked."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from workflow_service.application.ports import NewEvidence, RolloutsUnitOfWork
from workflow_service.application.rollout_handlers import rollout_unknown
from workflow_service.application.template_handlers import get_template
from workflow_service.domain.errors import DomainError
from workflow_service.domain.journey import Move
from workflow_service.domain.journey_effects import JourneyEvent, moved
from workflow_service.domain.turn import WaveSnapshot


async def read_wave(rollout_id: UUID, wave: int, uow: RolloutsUnitOfWork) -> WaveSnapshot:
    """The wave as stored. Raises DomainError `rollout-unknown`."""
    state = await uow.rollouts.get(rollout_id)
    if state is None:
        raise rollout_unknown(rollout_id)
    stored = await get_template(state.template_id, state.template_version, uow)
    situations = await uow.rollouts.situations(rollout_id, wave)
    return WaveSnapshot(rollout_id, wave, state.status, stored.template, tuple(situations))


async def record_moves(
    rollout_id: UUID, wave: int, moves: Sequence[Move], uow: RolloutsUnitOfWork
) -> list[tuple[str | None, list[JourneyEvent]]]:
    """Take the steps, except of journeys that have changed since they were planned.

    Nothing moves unless the rollout is active: a pause or stop that was acknowledged holds.
    Returns the events of each move, with the trace that caused it; the caller records them.
    """
    state = await uow.rollouts.lock(rollout_id)
    if state is None:
        raise rollout_unknown(rollout_id)
    if state.status != "active":
        return []
    situations = {s.journey.unit_id: s for s in await uow.rollouts.situations(rollout_id, wave)}
    changed, told = [], []
    for move in moves:
        situation = situations.get(move.unit_id)
        if situation is None or situation.journey.version != move.version:
            continue
        journey, events = moved(situation.journey, move, situation.headcount)
        changed.append(journey)
        told.append((move.cause, events))
    await uow.rollouts.save_journeys(changed)
    return told


async def note_asked(
    rollout_id: UUID, unit_ids: Sequence[str], step: str, at: datetime, uow: RolloutsUnitOfWork
) -> None:
    """The other service has taken the command for these units."""
    if await uow.rollouts.lock(rollout_id) is None:
        raise rollout_unknown(rollout_id)
    journeys = await uow.rollouts.journeys(rollout_id)
    await uow.rollouts.save_journeys(
        [
            journeys[unit_id].asked(at)
            for unit_id in unit_ids
            if journeys[unit_id].step == step and journeys[unit_id].asked_at is None
        ]
    )


async def note_refused(
    rollout_id: UUID, unit_ids: Sequence[str], step: str, why: str, uow: RolloutsUnitOfWork
) -> None:
    """The other service will not: shown as what the journey waits for, until it does."""
    if await uow.rollouts.lock(rollout_id) is None:
        raise rollout_unknown(rollout_id)
    journeys = await uow.rollouts.journeys(rollout_id)
    await uow.rollouts.save_journeys(
        [
            journeys[unit_id].turned_down(why)
            for unit_id in unit_ids
            if journeys[unit_id].step == step and journeys[unit_id].refused != why
        ]
    )


async def store_evidence(new: NewEvidence, uow: RolloutsUnitOfWork) -> None:
    """Keep what another service told. Raises DomainError `journey-unknown`."""
    if not await uow.rollouts.add_evidence(new):
        raise DomainError(
            "journey-unknown",
            "not_found",
            f"Rollout {new.rollout_id} has no unit {new.unit_id}.",
        )
