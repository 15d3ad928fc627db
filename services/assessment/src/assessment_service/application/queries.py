"""Reads. A result that may not be shown looks the same whatever the reason: too few people,
nobody, no such unit, not released yet."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from assessment_service.application.ports import (
    PageOf,
    ReleasedCell,
    Scope,
    UnitOfWork,
)
from assessment_service.application.scope import check_unit
from assessment_service.domain.errors import DomainError
from assessment_service.domain.results import hidden_cell
from assessment_service.domain.round import OCCASIONS, Occasion, Release


@dataclass(frozen=True, slots=True)
class ReleaseView:
    """A release and one page of the cells that the caller may read; none before it is out.

    `total` counts the cells of all pages.
    """

    release: Release
    cells: list[ReleasedCell]
    total: int


@dataclass(frozen=True, slots=True)
class FindResults:
    """A query for released results of one rollout."""

    rollout_id: UUID
    unit_id: str | None
    occasion: Occasion | None


async def names_together(cells: Iterable[ReleasedCell], uow: UnitOfWork) -> dict[str, str]:
    """Name by unit, of those that the cells are about together: whoever may read a value may know
    whose it is."""
    return await _names({one for released in cells for one in released.cell.together}, uow)


async def _names(unit_ids: Collection[str], uow: UnitOfWork) -> dict[str, str]:
    known = await uow.units.around(unit_ids) if unit_ids else []
    return {unit.unit_id: unit.name for unit in known}


async def get_release(release_id: UUID, scope: Scope, page: PageOf, uow: UnitOfWork) -> ReleaseView:
    """Raises DomainError `release-unknown`."""
    release = await uow.releases.get(release_id, scope)
    if release is None:
        detail = f"There is no release {release_id}."
        raise DomainError("release-unknown", "not_found", detail)
    cells, total = await uow.cells.page(scope, page, release_id=release_id)
    return ReleaseView(release, cells, total)


async def find_results(
    query: FindResults, scope: Scope, page: PageOf, uow: UnitOfWork
) -> tuple[list[ReleasedCell], int]:
    """Released cells and how many there are on all pages.

    For one unit, the list has every occasion: its cells that are shown or have a reason, or else a
    hidden cell, which is built here and not read, so that all hidden cells are alike. Raises
    DomainError `outside-scope` or `rollout-unknown`.
    """
    if not await uow.rollouts.occurs(query.rollout_id):
        detail = f"There is no rollout {query.rollout_id}."
        raise DomainError("rollout-unknown", "not_found", detail)
    if query.unit_id is None:
        return await uow.cells.page(
            scope, page, rollout_id=query.rollout_id, occasion=query.occasion
        )
    known = await uow.units.around([query.unit_id])
    check_unit(scope, query.unit_id, known)
    found = await uow.cells.explained(query.rollout_id, query.unit_id, query.occasion)
    cells: list[ReleasedCell] = []
    for occasion in [query.occasion] if query.occasion else OCCASIONS:
        hidden = ReleasedCell(None, occasion, hidden_cell(query.unit_id))
        cells += [cell for cell in found if cell.occasion == occasion] or [hidden]
    return cells[page.offset : page.offset + page.limit], len(cells)
