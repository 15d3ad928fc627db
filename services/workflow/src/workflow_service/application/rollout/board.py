"""Reads of the whole of a rollout's units, and of all journeys of one unit."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from workflow_service.application.organisation.queries import Scope, get_unit, units_in
from workflow_service.application.ports import JourneyFilter, Place, UnitOfWork
from workflow_service.application.rollout.queries import JourneyView, list_journeys
from workflow_service.application.template.handlers import get_template
from workflow_service.domain.errors import DomainError
from workflow_service.domain.journey.journey import Journey
from workflow_service.domain.organisation.unit import Unit
from workflow_service.domain.rollout.rollout import Rollout
from workflow_service.domain.template.template import StepName

LARGEST = 5_000


@dataclass(frozen=True, slots=True)
class Board:
    """Journeys by unit id, the branch of each unit, and all branches that the rollout has units
    in, whatever is wanted."""

    journeys: list[JourneyView]
    branch_of: Mapping[str, str]
    branches: list[Unit]


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
    """All journeys that are wanted, of the scope's units.

    Raises DomainError `rollout-unknown`, or `board-too-large` for more than LARGEST.
    """
    chosen = await wanted_in(wanted, scope, branch, uow)
    journeys, total = await list_journeys(rollout_id, chosen, _Whole(), uow)
    if total > LARGEST:
        detail = f"A board shows {LARGEST} units at most, and these are {total}. Choose fewer."
        raise DomainError("board-too-large", "invalid", detail)
    of_scope = JourneyFilter(unit_ids=await units_in(uow, scope))
    every = await uow.rollouts.journeys(rollout_id, of_scope)
    branch_of = {unit: _branch(place) for unit, place in (await uow.units.places(every)).items()}
    branches, _ = await uow.units.page(_Whole(), frozenset(branch_of.values()))
    return Board(journeys, branch_of, branches)


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


def _branch(place: Place) -> str:
    """The unit directly below the root; the root itself for a root."""
    return place.path[:2][-1]
