"""HTTP: what holds units up and does not pass by itself."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from servicekit.auth import Principal, require
from servicekit.paging import Page, PageQuery
from workflow_service.domain.journey.journey import Journey
from workflow_service.entrypoints.app import app_of

router = APIRouter(tags=["open problems"])
Overseer = Annotated[Principal, Depends(require("administrator", "auditor"))]


class OpenProblemBody(BaseModel):
    """A unit whose journey cannot go on. It is listed until the other service accepts."""

    rollout_id: UUID
    unit_id: str = Field(examples=["rehab"])
    step: str = Field(examples=["baseline"])
    code: str = Field(
        description="The other service's problem code.", examples=["instrument-unknown"]
    )
    detail: str = Field(examples=["There is no instrument um-self-assessment version 2."])

    @classmethod
    def of(cls, journey: Journey) -> "OpenProblemBody":
        return cls(
            rollout_id=journey.rollout_id,
            unit_id=journey.unit_id,
            step=journey.step,
            code=journey.refused or "",
            detail=journey.refused_detail or "",
        )


@router.get("/open-problems")
async def list_open_problems(
    request: Request, caller: Overseer, page: PageQuery
) -> Page[OpenProblemBody]:
    """Units that cannot go on because another service refuses what their step begins with."""
    async with app_of(request).uow() as uow:
        found, total = await uow.rollouts.stuck(page)
    return page.holding([OpenProblemBody.of(journey) for journey in found], total)
