"""HTTP: what holds units up and does not pass by itself."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from servicekit.access import may
from servicekit.auth import Principal
from servicekit.csv_answer import WantsCsv, also_csv, csv_answer, every
from servicekit.csv_export import Cell
from servicekit.paging import Page, PageQuery, PageRequest
from workflow_service.application.organisation import queries as unit_queries
from workflow_service.application.rollout import open_problems
from workflow_service.application.rollout.open_problems import OpenProblem
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
Overseer = Annotated[Principal, may("open_problems.read")]


class OpenProblemBody(BaseModel):
    """Why a journey cannot go on. It is listed until the cause is gone."""

    model_config = ConfigDict(from_attributes=True)

    rollout_id: UUID | None = Field(
        description="Null for what is not about one: a unit or an instrument that a restore lost."
    )
    unit_id: str | None = Field(
        description="Null: every unit of the rollout that comes to this step, or no unit at all.",
        examples=["rehab"],
    )
    step: str | None = Field(
        description="Null for what services know differently since a restore.",
        examples=["baseline"],
    )
    code: str = Field(
        description="The other service's problem code; `instrument-unknown` or `module-unknown` for"
        " what the rollout's template names and is not published, or not known to be yet;"
        " `unit-in-other-rollout` for a unit whose wave would start now;"
        " `unit-without-manager` for a unit that nobody manages today;"
        " `round-open-again`, `round-not-needed`, `modules-refused`, `results-not-heard`,"
        " `practice-lost`, `unit-lost`, `instrument-lost` and `module-lost` for what `reconcile`"
        " has left.",
        examples=["instrument-unknown"],
    )
    detail: str = Field(examples=["There is no instrument um-self-assessment version 2."])

    @classmethod
    def of(cls, problem: OpenProblem) -> "OpenProblemBody":
        return cls.model_validate(problem)

    def row(self) -> tuple[Cell, ...]:
        """As a row of a file with the columns _COLUMNS."""
        rollout_id = str(self.rollout_id) if self.rollout_id else None
        return rollout_id, self.unit_id, self.step, self.code, self.detail


@router.get(
    "/open-problems", response_model=Page[OpenProblemBody], responses=also_csv(_COLUMNS, _EXAMPLE)
)
async def list_open_problems(
    request: Request, caller: Overseer, page: PageQuery, as_csv: WantsCsv
) -> Page[OpenProblemBody] | Response:
    """What keeps the caller's units from going on and does not pass by itself.

    Another service refuses what their step begins with; they are under way in another rollout when
    their wave should start; nobody manages them today; or the rollout's template names what is not
    published. After a restore also what the services know differently and a person has to mend.

    With `Accept: text/csv` all of them in one file.
    """
    async with app_of(request).uow().at_one_moment() as uow:

        async def read(part: PageRequest) -> tuple[list[OpenProblemBody], int]:
            units = await unit_queries.units_in(uow, caller.scope)
            found, total = await open_problems.list_open_problems(part, uow, units)
            return [OpenProblemBody.of(problem) for problem in found], total

        if as_csv:
            rows = [problem.row() for problem in await every(read)]
            return await csv_answer("open-problems", _COLUMNS, rows)
        found, total = await read(page)
    return page.holding(found, total)
