"""HTTP: all units of a rollout in one answer, and all journeys of a unit."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from servicekit.access import may
from servicekit.auth import Principal
from servicekit.text import Line
from workflow_service.application.ports import JourneyFilter
from workflow_service.application.rollout.board import (
    Board,
    UnitJourney,
    get_board,
    list_unit_journeys,
)
from workflow_service.domain.journey.journey import Status
from workflow_service.domain.template.template import StepName
from workflow_service.entrypoints.app import app_of
from workflow_service.entrypoints.http.fields import UnitIdField, WaveNumberField
from workflow_service.entrypoints.http.units import UnitIdPath

router = APIRouter(tags=["rollouts"])
JourneyReader = Annotated[Principal, may("journeys.read")]


@dataclass(frozen=True)
class JourneyQuery:
    """Which journeys of a rollout are asked for."""

    wave: WaveNumberField | None = None
    status: Status | None = None
    step: StepName | None = None
    branch: Annotated[
        UnitIdField | None, Query(description="A unit: its journey and those of all below it.")
    ] = None
    text: Annotated[
        Line | None, Query(max_length=100, description="Somewhere in the unit's name or id.")
    ] = None

    @property
    def wanted(self) -> JourneyFilter:
        """All of it but the branch."""
        return JourneyFilter(self.wave, self.status, self.step, self.text)


Wanted = Annotated[JourneyQuery, Depends()]


class BranchBody(BaseModel):
    """A unit directly below the root: a part of the organisation."""

    unit_id: str
    name: str


class BoardUnitBody(BaseModel):
    """A unit's journey, as the list of journeys has it. `branch` is one of the `branches`."""

    unit_id: str
    name: str
    branch: str
    wave: int | None
    step: str
    status: str
    waiting_for: list[str]


class BoardBody(BaseModel):
    """All units that match, by id, at one moment."""

    counts: dict[str, int] = Field(description="How many match, by status.")
    branches: list[BranchBody] = Field(
        description="All that the rollout has units in, whatever was asked for."
    )
    units: list[BoardUnitBody]


_BOARD = TypeAdapter(Board)
"""Writes a BoardBody: a model of each of thousands of units takes longer than to read them."""


class MinutesBody(BaseModel):
    """Minutes that are asked of one person."""

    model_config = ConfigDict(from_attributes=True)

    so_far: int = Field(description="By the steps that have begun.")
    promised: int = Field(description="By all steps: what the template promises to ask.")


class RecordedBody(BaseModel):
    """Where the evidence of a legal prerequisite is kept."""

    model_config = ConfigDict(from_attributes=True)

    kind: str
    reference: str
    recorded_on: date


class UnitJourneyBody(BaseModel):
    """Where a unit is in one rollout, and the legal prerequisites of its wave."""

    rollout_id: UUID
    rollout_name: str
    rollout_status: str
    wave: int | None
    step: str
    status: str
    minutes_of_manager: MinutesBody
    minutes_of_employee: MinutesBody
    prerequisites: list[RecordedBody]
    missing: list[str] = Field(description="Legal prerequisites not yet recorded.")

    @classmethod
    def of(cls, found: UnitJourney) -> "UnitJourneyBody":
        state, journey = found.rollout, found.journey
        wave = next((one for one in state.waves if one.number == journey.wave), None)
        return cls(
            rollout_id=state.rollout_id,
            rollout_name=state.name,
            rollout_status=state.status,
            wave=journey.wave,
            step=journey.step,
            status=journey.status,
            minutes_of_manager=MinutesBody.model_validate(found.manager),
            minutes_of_employee=MinutesBody.model_validate(found.employee),
            prerequisites=[
                RecordedBody.model_validate(one) for one in (wave.prerequisites if wave else ())
            ],
            missing=list(wave.missing if wave else ()),
        )


class UnitJourneysBody(BaseModel):
    """All journeys of a unit, that of the newest rollout first."""

    journeys: list[UnitJourneyBody]


@router.get("/rollouts/{rollout_id}/board", response_model=BoardBody)
async def read_board(
    request: Request, caller: JourneyReader, rollout_id: UUID, query: Wanted
) -> Response:
    """All journeys of the caller's units in one answer: 5,000 at most, else 422 `board-too-large`.

    For a list in pages, or a file, ask for the journeys with the same filter.
    """
    async with app_of(request).uow().at_one_moment() as uow:
        board = await get_board(rollout_id, query.wanted, caller.scope, query.branch, uow)
    return Response(_BOARD.dump_json(board), media_type="application/json")


@router.get("/units/{unit_id}/journeys", tags=["units"])
async def read_unit_journeys(
    request: Request, caller: JourneyReader, unit_id: UnitIdPath
) -> UnitJourneysBody:
    """In which rollouts a unit takes part or took part, and where it is in each."""
    async with app_of(request).uow() as uow:
        found = await list_unit_journeys(unit_id, caller.scope, uow)
    return UnitJourneysBody(journeys=[UnitJourneyBody.of(one) for one in found])
