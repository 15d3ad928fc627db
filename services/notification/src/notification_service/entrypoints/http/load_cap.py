"""HTTP: in which units people are not invited to a round, because they were asked often enough."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from notification_service.domain.load_cap import Band, band
from notification_service.entrypoints.app import app_of
from servicekit.access import may
from servicekit.auth import Principal
from servicekit.paging import Page, PageQuery

router = APIRouter()

Reader = Annotated[Principal, may("messages.read")]


class OverCapBody(BaseModel):
    """An open round to which some of the unit are not invited. Nobody can see who."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "unit_id": "rehab",
                    "round_id": "00000000-0000-4000-8000-000000000001",
                    "closes_at": "2026-03-16T08:00:00Z",
                    "not_invited": "1-4",
                }
            ]
        }
    )

    unit_id: str
    round_id: UUID
    closes_at: datetime
    not_invited: Band = Field(description="How many, in coarse steps.")


@router.get("/load-cap", tags=["messages"])
async def list_over_cap(request: Request, caller: Reader, page: PageQuery) -> Page[OverCapBody]:
    """Open rounds to which some of the unit are not invited, because of the cap on invitations per
    person. They are not reminded either; they can answer all the same."""
    async with app_of(request).uow().at_one_moment() as uow:
        found, total = await uow.queries.over_cap(page)
    bodies = [
        OverCapBody(
            unit_id=one.unit_id,
            round_id=one.round_id,
            closes_at=one.closes_at,
            not_invited=band(one.over_cap),
        )
        for one in found
    ]
    return page.holding(bodies, total)
