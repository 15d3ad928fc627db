"""HTTP: released results. Hidden, empty and not yet released look the same."""

from uuid import UUID

from fastapi import APIRouter, Depends, Request

from assessment_service.application import queries
from assessment_service.application.queries import FindResults
from assessment_service.domain.round import Occasion
from assessment_service.entrypoints.app import app_of
from assessment_service.entrypoints.http.access import ResultReader, not_cached
from assessment_service.entrypoints.http.result_schemas import CellBody, ReleaseBody
from contracts.vocabulary import UnitId
from servicekit.paging import Page, PageQuery

router = APIRouter(tags=["results"], dependencies=[Depends(not_cached)])


@router.get("/releases/{release_id}")
async def get_release(
    request: Request, caller: ResultReader, release_id: UUID, page: PageQuery
) -> ReleaseBody:
    """A release, and those of its cells that the caller's roles cover."""
    async with app_of(request).uow().at_one_moment() as uow:
        view = await queries.get_release(release_id, caller.scope, page, uow)
        names = await queries.names_together(view.cells, uow)
    return ReleaseBody.of(view, names, page)


@router.get("/results")
async def find_results(
    request: Request,
    caller: ResultReader,
    page: PageQuery,
    rollout_id: UUID,
    unit_id: UnitId | None = None,
    occasion: Occasion | None = None,
) -> Page[CellBody]:
    """Released cells of a rollout.

    With `unit_id`, the list has every occasion, `hidden` if there is nothing to show. A unit with
    units below it has a cell for each release that shows it.
    """
    query = FindResults(rollout_id, unit_id, occasion)
    async with app_of(request).uow().at_one_moment() as uow:
        cells, total = await queries.find_results(query, caller.scope, page, uow)
        names = await queries.names_together(cells, uow)
    return page.holding([CellBody.of(cell, names) for cell in cells], total)
