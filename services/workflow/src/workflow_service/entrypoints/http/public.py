"""HTTP: where the introduction is, for everybody, without a token.

The facts that other systems get on external topics (docs/adr/0011-external-topics.md); no unit is
named, and nobody.
"""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from servicekit.paging import Page, PageQuery
from servicekit.public_answer import public_answer
from workflow_service.domain.calendar import civil_date
from workflow_service.domain.rollout.rollout import Phase, Rollout, Status
from workflow_service.domain.rollout.waves import Wave, WaveStatus
from workflow_service.entrypoints.app import app_of

router = APIRouter(prefix="/public", tags=["public"])


class PublicWaveBody(BaseModel):
    """A wave; number 0 is the pilot."""

    wave: int
    status: WaveStatus
    planned_start: datetime | None = Field(description="Null for the pilot.")
    unit_count: int = Field(description="Units planned for it.")

    @classmethod
    def of(cls, wave: Wave) -> "PublicWaveBody":
        return cls(
            wave=wave.number,
            status=wave.status,
            planned_start=wave.planned_start,
            unit_count=wave.unit_count,
        )


class PublicDecisionBody(BaseModel):
    """An approved decision."""

    outcome: Annotated[str, Field(description="broad_introduction, adjusted_pilot or stop.")]
    diary_number: str
    decided_on: date


class TimetableBody(BaseModel):
    """Where one rollout is."""

    name: str
    phase: Phase
    status: Status
    decision: PublicDecisionBody | None = Field(description="Null before it is approved.")
    waves: list[PublicWaveBody]

    @classmethod
    def of(cls, state: Rollout) -> "TimetableBody":
        return cls(
            name=state.name,
            phase=state.phase,
            status=state.status,
            decision=_decision(state),
            waves=[PublicWaveBody.of(wave) for wave in state.waves],
        )


def _decision(state: Rollout) -> PublicDecisionBody | None:
    made = state.decision
    if made is None or made.status != "approved" or made.settled_at is None:
        return None
    return PublicDecisionBody(
        outcome=made.outcome,
        diary_number=made.diary_number,
        decided_on=civil_date(made.settled_at),
    )


@router.get("/timetable", response_model=Page[TimetableBody])
async def list_timetables(request: Request, page: PageQuery) -> Response:
    """Rollouts whose pilot has begun, newest first. A stop is published too."""
    async with app_of(request).uow().at_one_moment() as uow:
        found, total = await uow.rollouts.public(page)
    return public_answer(request, page.holding([TimetableBody.of(one) for one in found], total))
