"""HTTP: what holds units up and does not pass by itself."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from servicekit.auth import Principal, require
from servicekit.csv_answer import WantsCsv, also_csv, csv_answer, every
from servicekit.csv_export import Cell
from servicekit.paging import Page, PageQuery, PageRequest
from workflow_service.domain.journey.journey import Journey
from workflow_service.entrypoints.app import app_of

router = APIRouter(tags=["open problems"])
_COLUMNS = ("rollout_id", "unit_id", "step", "code", "detail")
_EXAMPLE = (
    "3f2b8c1e-8d0a-4c57-9d0e-5a1f0c6b7e21",
    "rehab",
    "baseline",
    "instrument-unknown",
    "There is no instrument um-self-assessment version 2.",
)
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

    def row(self) -> tuple[Cell, ...]:
        """As a row of a file with the columns _COLUMNS."""
        return str(self.rollout_id), self.unit_id, self.step, self.code, self.detail


@router.get(
    "/open-problems", response_model=Page[OpenProblemBody], responses=also_csv(_COLUMNS, _EXAMPLE)
)
async def list_open_problems(
    request: Request, caller: Overseer, page: PageQuery, as_csv: WantsCsv
) -> Page[OpenProblemBody] | Response:
    """Units that cannot go on because another service refuses what their step begins with.

    With `Accept: text/csv` all of them in one file.
    """
    async with app_of(request).uow() as uow:

        async def read(part: PageRequest) -> tuple[list[OpenProblemBody], int]:
            found, total = await uow.rollouts.stuck(part)
            return [OpenProblemBody.of(journey) for journey in found], total

        if as_csv:
            rows = [problem.row() for problem in await every(uow.connection, read)]
            return await csv_answer("open-problems", _COLUMNS, rows)
        found, total = await read(page)
    return page.holding(found, total)
