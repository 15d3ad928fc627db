"""What holds units up and does not pass by itself."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from workflow_service.application.ports import JourneyFilter, PageOf, UnitOfWork
from workflow_service.application.rollout.reconciling import todo
from workflow_service.application.template.handlers import (
    get_template,
    unknown_detail,
    unknown_references,
)
from workflow_service.domain.journey.turn import IN_OTHER_ROLLOUT
from workflow_service.domain.rollout.advance import due_wave
from workflow_service.domain.rollout.rollout import Rollout


@dataclass(frozen=True, slots=True)
class OpenProblem:
    """Why a unit cannot go on; `unit_id` is None for what concerns every unit of the rollout that
    comes to this step. A difference between services has no step, and perhaps no rollout."""

    rollout_id: UUID | None
    unit_id: str | None
    step: str | None
    code: str
    detail: str


_Listed = tuple[list[OpenProblem], int]


@dataclass(frozen=True, slots=True)
class _Part:
    offset: int
    limit: int


async def list_open_problems(
    page: PageOf, uow: UnitOfWork, unit_ids: Collection[str] | None = None
) -> tuple[list[OpenProblem], int]:
    """Some open problems of rollouts under way, and how many there are in all: first those of each
    rollout as a whole, then the units whose step another service refuses, then those that have no
    manager, and what services have known differently since a restore.

    With `unit_ids` those of these units only, beside what concerns a rollout as a whole.
    """
    now, first = await uow.now(), []
    for state in sorted(await uow.rollouts.going(), key=lambda state: state.rollout_id):
        first += await _unknown_references(state, uow)
        waiting = await _under_way_elsewhere(state, now, uow)
        first += [one for one in waiting if unit_ids is None or one.unit_id in unit_ids]
    found = first[page.offset : page.offset + page.limit]
    total = len(first)
    for read in (_refused, _without_manager, _different):
        rest = _Part(max(page.offset - total, 0), page.limit - len(found))
        listed, in_all = await read(rest, uow, unit_ids)
        found += listed
        total += in_all
    return found, total


async def _unknown_references(state: Rollout, uow: UnitOfWork) -> list[OpenProblem]:
    stored = await get_template(state.template_id, state.template_version, uow)
    return [
        OpenProblem(
            rollout_id=state.rollout_id,
            unit_id=None,
            step=pointer.split("/")[2],
            code=f"{reference.kind}-unknown",
            detail=unknown_detail(reference),
        )
        for reference, pointer in (await unknown_references(stored.template, uow)).items()
    ]


async def _under_way_elsewhere(state: Rollout, now: datetime, uow: UnitOfWork) -> list[OpenProblem]:
    wave = due_wave(state, now)
    if wave is None:
        return []
    of_wave = JourneyFilter(wave=wave.number, status="waiting")
    journeys = await uow.rollouts.journeys(state.rollout_id, of_wave)
    elsewhere = await uow.rollouts.under_way_elsewhere(state.rollout_id, list(journeys))
    return [
        OpenProblem(
            rollout_id=state.rollout_id,
            unit_id=unit_id,
            step=journeys[unit_id].step,
            code=IN_OTHER_ROLLOUT,
            detail=f"Wave {wave.number} waits: the unit is under way in rollout {other}. Let that"
            " journey end or stop the unit there.",
        )
        for unit_id, other in sorted(elsewhere.items())
    ]


async def _refused(page: PageOf, uow: UnitOfWork, unit_ids: Collection[str] | None) -> _Listed:
    stuck, total = await uow.rollouts.stuck(page, unit_ids)
    return [
        OpenProblem(
            rollout_id=journey.rollout_id,
            unit_id=journey.unit_id,
            step=journey.step,
            code=journey.refused or "",
            detail=journey.refused_detail or "",
        )
        for journey in stuck
    ], total


async def _without_manager(
    page: PageOf, uow: UnitOfWork, unit_ids: Collection[str] | None
) -> _Listed:
    missing, total = await uow.managements.missing(page, unit_ids)
    return [
        OpenProblem(
            rollout_id=journey.rollout_id,
            unit_id=journey.unit_id,
            step=journey.step,
            code="unit-without-manager",
            detail="Nobody manages the unit today, so nobody leads its journey or gets its mails."
            " Import who manages it into the people service.",
        )
        for journey in missing
    ], total


async def _different(page: PageOf, uow: UnitOfWork, unit_ids: Collection[str] | None) -> _Listed:
    left, total = await uow.differences.page(page, unit_ids)
    return [
        OpenProblem(one.rollout_id, one.unit_id, None, one.code, todo(one)) for one in left
    ], total
