"""HTTP: changes of the organisation, planned for a day."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from servicekit.access import may
from servicekit.auth import Principal
from servicekit.idempotency import IdempotencyKey, idempotent
from servicekit.paging import Page, PageQuery
from servicekit.request_body import RequestBody
from servicekit.text import Line
from workflow_service.application.rollout import unit_changes as handlers
from workflow_service.application.rollout.commands import PlanUnitChange
from workflow_service.application.rollout.unit_changes import Preview
from workflow_service.domain.organisation.unit import MAX_HEADCOUNT, MAX_NAME_LENGTH
from workflow_service.domain.organisation.unit_change import (
    MAX_MERGED,
    Change,
    PlannedChange,
    Status,
)
from workflow_service.entrypoints.app import app_of
from workflow_service.entrypoints.http.fields import UnitIdField

router = APIRouter(tags=["unit changes"])

Planner = Annotated[Principal, may("units.change")]

Name = Annotated[Line, Field(min_length=1, max_length=MAX_NAME_LENGTH)]
_changes: TypeAdapter[Change] = TypeAdapter(Annotated[Change, Field(discriminator="kind")])


class MoveBody(RequestBody):
    """The unit, with all below it, comes below another."""

    kind: Literal["move"]
    unit_id: UnitIdField
    parent_id: UnitIdField


class RenameBody(RequestBody):
    """The unit gets another name."""

    kind: Literal["rename"]
    unit_id: UnitIdField
    name: Name


class DissolveBody(RequestBody):
    """The unit ends. It must have no unit below it."""

    kind: Literal["dissolve"]
    unit_id: UnitIdField


class MergeBody(RequestBody):
    """Units end in another, one that there is, or a new one with a name."""

    kind: Literal["merge"]
    unit_ids: Annotated[list[UnitIdField], Field(min_length=1, max_length=MAX_MERGED)]
    into: UnitIdField
    new_name: Name | None = Field(
        default=None, description="The name of the unit `into`, if it begins with the change."
    )


class NewUnitBody(RequestBody):
    """A unit that begins beside the one that is split."""

    unit_id: UnitIdField
    name: Name
    headcount: Annotated[int, Field(ge=1, le=MAX_HEADCOUNT)]


class SplitBody(RequestBody):
    """Units begin beside one that goes on, with its id and its journey."""

    kind: Literal["split"]
    unit_id: UnitIdField
    new_units: Annotated[list[NewUnitBody], Field(min_length=1, max_length=MAX_MERGED)]


ChangeBody = Annotated[
    MoveBody | RenameBody | DissolveBody | MergeBody | SplitBody, Field(discriminator="kind")
]


class PlanBody(RequestBody):
    """A change of the organisation, its day and its reason."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "change": {"kind": "merge", "unit_ids": ["rehab-norr"], "into": "rehab"},
                    "effective_on": "2026-10-01",
                    "reason": "The two units share premises and staff.",
                }
            ]
        }
    )

    change: ChangeBody
    effective_on: date = Field(
        description="The first day of the new organisation, in Sweden: today, later, or up to 14"
        " days ago."
    )
    reason: Annotated[Line, Field(min_length=1, max_length=500)]


class EndingJourneyBody(BaseModel):
    """A journey that ends with the change."""

    rollout_id: UUID
    unit_id: str
    step: str
    round_open: bool = Field(description="A round is open: it is closed, and released as usual.")


class UnitChangeBody(BaseModel):
    """A change of the organisation."""

    change_id: UUID
    change: dict[str, Any]
    effective_on: date
    reason: str
    by: str
    created_at: datetime
    status: Status = Field(description="`refused` if it did not fit when its day came.")
    settled_at: datetime | None = Field(description="When it was applied, refused or cancelled.")
    refusal: str | None = Field(description="Why it was refused; plan another.")

    @classmethod
    def of(cls, planned: PlannedChange) -> "UnitChangeBody":
        return cls(
            **{name: getattr(planned, name) for name in cls.model_fields if name != "change"},
            change=asdict(planned.change),
        )


class PreviewBody(BaseModel):
    """A change, and what it would do if it were applied now."""

    dry_run: bool
    planned: UnitChangeBody
    ending_journeys: list[EndingJourneyBody]
    people: int = Field(description="People in the units that change.")

    @classmethod
    def of(cls, preview: Preview, dry_run: bool) -> "PreviewBody":
        return cls(
            dry_run=dry_run,
            planned=UnitChangeBody.of(preview.planned),
            ending_journeys=[
                EndingJourneyBody(
                    rollout_id=journey.rollout_id,
                    unit_id=journey.unit_id,
                    step=journey.step,
                    round_open=(journey.rollout_id, journey.unit_id) in preview.open_rounds,
                )
                for journey in preview.ending
            ],
            people=preview.people,
        )


@router.post("/unit-changes", response_model=PreviewBody, status_code=201)
async def plan_unit_change(
    request: Request,
    caller: Planner,
    key: IdempotencyKey,
    body: PlanBody,
    dry_run: Annotated[bool, Query(description="Report what it would do; write nothing.")] = False,
) -> Response:
    """Move, rename, dissolve, merge or split units, today or on a later day.

    It is applied within seconds after its day has begun, and can be cancelled before. A unit that
    moves keeps its journey; the journeys of units that end are stopped, their rounds are closed,
    and nothing more is sent to them. Whoever leads the successor has the history of a merged unit.
    """
    command = PlanUnitChange(
        change_id=uuid4(),
        change=_changes.validate_python(body.change.model_dump()),
        effective_on=body.effective_on,
        reason=body.reason,
        by=caller.subject,
        dry_run=dry_run,
    )
    async with app_of(request).uow().by(caller) as uow:

        async def produce() -> PreviewBody:
            return PreviewBody.of(await handlers.plan_unit_change(command, uow), dry_run)

        return await idempotent(uow, key, produce, status=201)


@router.get("/unit-changes")
async def list_unit_changes(
    request: Request, _: Planner, page: PageQuery, status: Status | None = None
) -> Page[UnitChangeBody]:
    """Changes of the organisation, the latest day first."""
    async with app_of(request).uow().at_one_moment() as uow:
        found, total = await uow.unit_changes.page(page, status)
    return page.holding([UnitChangeBody.of(planned) for planned in found], total)


@router.post("/unit-changes/{change_id}/cancel", response_model=UnitChangeBody)
async def cancel_unit_change(
    request: Request, caller: Planner, key: IdempotencyKey, change_id: UUID
) -> Response:
    """Cancel a change before its day."""
    async with app_of(request).uow().by(caller) as uow:

        async def produce() -> UnitChangeBody:
            return UnitChangeBody.of(await handlers.cancel_unit_change(change_id, uow))

        return await idempotent(uow, key, produce)
