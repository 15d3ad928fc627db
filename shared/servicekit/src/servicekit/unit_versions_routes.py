"""HTTP: which units a service knows, and as of which change; asked to find out what was lost."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from sqlalchemy import text

from servicekit.access import may
from servicekit.auth import Principal
from servicekit.db import Transaction
from servicekit.paging import Page, PageQuery

router = APIRouter(tags=["operation"])

Comparer = Annotated[Principal, may("units.compare")]
_PAGE = text("select unit_id, version from units order by unit_id limit :limit offset :offset")
_TOTAL = text("select count(*) from units")


class UnitVersionBody(BaseModel):
    """A unit as the service knows it."""

    unit_id: str = Field(examples=["rehab"])
    version: int = Field(description="Counts the unit's changes.", examples=[3])


@router.get("/unit-versions")
async def list_unit_versions(
    request: Request, caller: Comparer, page: PageQuery
) -> Page[UnitVersionBody]:
    """Every unit that the service knows, with the latest change that it has heard of."""
    uow: Transaction = request.app.state.app.uow()
    async with uow.at_one_moment():
        part = {"limit": page.limit, "offset": page.offset}
        rows = (await uow.connection.execute(_PAGE, part)).all()
        total = (await uow.connection.execute(_TOTAL)).scalar_one()
    found = [UnitVersionBody(unit_id=row.unit_id, version=row.version) for row in rows]
    return page.holding(found, total)
