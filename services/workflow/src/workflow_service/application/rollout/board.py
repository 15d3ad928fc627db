"""Reads of the whole of a rollout's units, and of all journeys of one unit."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from workflow_service.application.organisation.queries import Scope, get_unit, units_in
from workflow_service.application.ports import JourneyFilter, UnitOfWork
from workflow_service.application.template.handlers import get_template
from workflow_service.domain.errors import DomainError, rollout_unknown
from workflow_service.domain.journey.journey import Journey
from workflow_service.domain.journey.turn import outlook, resting
from workflow_service.domain.rollout.rollout import Rollout
from workflow_service.domain.template.template import StepName

LARGEST = 5_000


@dataclass(frozen=True, slots=True)
class Branch:
    """A unit directly below the root: a part of the organisation."""

    unit_id: str
    name: str


@dataclass(slots=True)
class BoardUnit:
    """A unit's journey in short, and what it waits for. `branch` is the id of one."""

    unit_id: str
    name: str
    branch: str
    wave: int | None
    step: str
    status: str
    waiting_for: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """Units by id, how many have each status, and all branches that the rollout has units in,
    whatever is wanted."""

    counts: Mapping[str, int]
    branches: list[Branch]
    units: list[BoardUnit]


@dataclass(frozen=True, slots=True)
class Minutes:
    """What the steps that have begun ask of one person, and what all steps promise to ask."""

    so_far: int
    promised: int


@dataclass(frozen=True, slots=True)
class UnitJourney:
    """A unit's journey, and the minutes that it asks of one manager and of one employee."""

    rollout: Rollout
    journey: Journey
    manager: Minutes
    employee: Minutes


@dataclass(frozen=True, slots=True)
class _Whole:
    """The port `PageOf`: everything at once."""

    offset: int = 0
    limit: int = LARGEST


async def wanted_in(
    wanted: JourneyFilter, scope: Scope, branch: str | None, uow: UnitOfWork
) -> JourneyFilter:
    """What is wanted, of the scope's units; of those in `branch`, a unit and all below it."""
    within = await units_in(uow, scope)
    if branch is not None:
        below = await uow.units.below([branch])
        within = below if within is None else within & below
    return replace(wanted, unit_ids=within)


async def get_board(
    rollout_id: UUID, wanted: JourneyFilter, scope: Scope, branch: str | None, uow: UnitOfWork
) -> Board:
    """All units that are wanted, of the scope's.

    Raises DomainError `rollout-unknown`, or `board-too-large` for more than LARGEST.
    """
    state = await uow.rollouts.get(rollout_id)
    if state is None:
        raise rollout_unknown(rollout_id)
    chosen = await wanted_in(wanted, scope, branch, uow)
    rows = await uow.boards.rows(rollout_id, chosen, LARGEST + 1)
    if len(rows) > LARGEST:
        detail = f"A board shows {LARGEST} units at most, and these are more. Choose fewer."
        raise DomainError("board-too-large", "invalid", detail)
    active = [row.unit_id for row in rows if row.status == "active"]
    waiting_for = await _active_wait_for(state, active, uow)
    branch_of = await uow.units.branches()
    units = [
        BoardUnit(
            *(row.unit_id, row.name, branch_of[row.unit_id], row.wave, row.step, row.status),
            waiting_for[row.unit_id]
            if row.status == "active"
            else resting(row.status, row.elsewhere, state.pauses),
        )
        for row in rows
    ]
    of_scope = JourneyFilter(unit_ids=await units_in(uow, scope))
    every = await uow.boards.unit_ids(rollout_id, of_scope)
    branches, _ = await uow.units.page(_Whole(), {branch_of[unit_id] for unit_id in every})
    counts: Counter[str] = Counter(row.status for row in rows)
    return Board(counts, [Branch(one.unit_id, one.facts.name) for one in branches], units)


async def _active_wait_for(
    state: Rollout, unit_ids: Collection[str], uow: UnitOfWork
) -> dict[str, tuple[str, ...]]:
    """By unit id; these journeys are active."""
    if not unit_ids:
        return {}
    template = (await get_template(state.template_id, state.template_version, uow)).template
    found = await uow.rollouts.situations(state.rollout_id, JourneyFilter(unit_ids=unit_ids))
    now = await uow.now()
    return {
        one.journey.unit_id: outlook(one, template, state.pauses, now).waiting_for for one in found
    }


async def list_unit_journeys(unit_id: str, scope: Scope, uow: UnitOfWork) -> list[UnitJourney]:
    """A unit's journeys, that of the newest rollout first.

    Raises DomainError `unit-unknown`, also for one outside the scope.
    """
    await get_unit(uow, scope, unit_id)
    found = []
    for state, journey in await uow.rollouts.journeys_of(unit_id):
        stored = await get_template(state.template_id, state.template_version, uow)
        asked = stored.template.minutes_asked
        manager, employee = _minutes(asked.manager, journey), _minutes(asked.employee, journey)
        found.append(UnitJourney(state, journey, manager, employee))
    return found


def _minutes(asked: Mapping[StepName, int], journey: Journey) -> Minutes:
    return Minutes(sum(asked.get(step, 0) for step in journey.begun), sum(asked.values()))
