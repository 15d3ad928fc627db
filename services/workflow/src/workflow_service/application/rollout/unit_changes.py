"""Use cases of planned changes of the organisation. One is applied once, when its day has come."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from workflow_service.application.ports import ActionRequest, UnitOfWork
from workflow_service.application.rollout.commands import Advanced, PerformAction, PlanUnitChange
from workflow_service.application.rollout.handlers import perform
from workflow_service.domain.calendar import civil_date
from workflow_service.domain.errors import DomainError
from workflow_service.domain.journey.journey import Journey
from workflow_service.domain.organisation.unit_change import (
    Outcome,
    PlannedChange,
    check_day,
    outcome,
)
from workflow_service.domain.rollout.standstill import StopUnit


@dataclass(frozen=True, slots=True)
class Preview:
    """A change, and what it would do today: whose journeys end, in which open rounds, and how many
    people work in the units that it changes."""

    planned: PlannedChange
    ending: Sequence[Journey]
    open_rounds: Sequence[tuple[UUID, str]]
    people: int


async def plan_unit_change(command: PlanUnitChange, uow: UnitOfWork) -> Preview:
    """The change, planned, with what it would do; in a dry run nothing is written.

    Raises DomainError `unit-change-day` or `unit-change-impossible`.
    """
    now = await uow.now()
    check_day(command.effective_on, civil_date(now))
    planned = PlannedChange(
        command.change_id,
        command.change,
        command.effective_on,
        command.reason,
        command.by,
        created_at=now,
    )
    known = await uow.units.all()
    done = outcome(planned, known, await uow.rollouts.units_under_way())
    if not command.dry_run:
        await uow.unit_changes.add(planned)
        uow.audit(
            "units.change/plan_unit_change",
            f"unit-change/{planned.change_id}",
            after={"change": asdict(planned.change), "effective_on": planned.effective_on},
            reason=planned.reason,
        )
    changed = {unit.unit_id for unit in done.units}
    return Preview(
        planned,
        await uow.rollouts.journeys_under_way(done.ending),
        await uow.rollouts.open_rounds(done.ending, now),
        sum(known[unit_id].facts.headcount for unit_id in changed & known.keys()),
    )


async def cancel_unit_change(change_id: UUID, uow: UnitOfWork) -> PlannedChange:
    """Raises DomainError `unit-change-unknown` or `unit-change-settled`."""
    planned = await uow.unit_changes.lock(change_id)
    if planned is None:
        detail = f"There is no planned change {change_id}."
        raise DomainError("unit-change-unknown", "not_found", detail)
    cancelled = planned.settled("cancelled", await uow.now())
    await uow.unit_changes.save(cancelled)
    before, after = {"status": planned.status}, {"status": cancelled.status}
    uow.audit("units.change/cancel_unit_change", f"unit-change/{change_id}", before, after)
    return cancelled


async def apply_unit_change(change_id: UUID, uow: UnitOfWork) -> list[Advanced]:
    """Change the units and end the journeys of those that end; what became of their rollouts.

    Nothing if it is not planned any more. A change that does not fit the organisation of today is
    refused, with the reason; somebody has to plan another.
    """
    planned = await uow.unit_changes.lock(change_id)
    if planned is None or planned.status != "planned":
        return []
    now = await uow.now()
    try:
        done = await _outcome(planned, uow)
        # Rollouts before units, as everybody locks them: whoever moves a journey may read the tree.
        locked = await _lock_rollouts(done, uow)
        await uow.units.lock_tree()
        done = await _outcome(planned, uow)
    except DomainError as error:
        if error.code != "unit-change-impossible":
            raise
        await uow.unit_changes.save(planned.settled("refused", now, error.detail))
        return []
    ending = await uow.rollouts.journeys_under_way(done.ending)
    if not {journey.rollout_id for journey in ending} <= locked:
        return []  # A rollout was created meanwhile: the next attempt sees it.
    advanced = [await _stop(journey, done, planned, uow) for journey in ending]
    await uow.units.save(done.units)
    for event in done.events:
        uow.record(event)
    await uow.unit_changes.save(planned.settled("applied", now))
    return advanced


async def _outcome(planned: PlannedChange, uow: UnitOfWork) -> Outcome:
    return outcome(planned, await uow.units.all(), await uow.rollouts.units_under_way())


async def _lock_rollouts(done: Outcome, uow: UnitOfWork) -> set[UUID]:
    ids = {journey.rollout_id for journey in await uow.rollouts.journeys_under_way(done.ending)}
    for rollout_id in sorted(ids):
        await uow.rollouts.lock(rollout_id)
    return ids


async def _stop(
    journey: Journey, done: Outcome, planned: PlannedChange, uow: UnitOfWork
) -> Advanced:
    unit_id = journey.unit_id
    request_id = f"unit-change:{planned.change_id}:{unit_id}"
    stop = StopUnit(unit_id, done.ending[unit_id])
    request = ActionRequest(stop, planned.by, request_id)
    return await perform(PerformAction(journey.rollout_id, request), uow)
