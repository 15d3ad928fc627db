"""HTTP: which units are reported together."""

from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from assessment_service.application import report_groups
from assessment_service.application.commands import JoinUnits
from assessment_service.application.report_groups import ReportGroupsView
from assessment_service.domain.report_group import least_people
from assessment_service.entrypoints.app import app_of
from assessment_service.entrypoints.http.access import GroupReader, UnitJoiner
from contracts.vocabulary import UnitId
from servicekit.request_body import RequestBody

router = APIRouter(tags=["report groups"])


class RolloutUnitBody(BaseModel):
    """A unit of the rollout, as it is today."""

    unit_id: str
    name: str
    headcount: int
    has_begun: bool = Field(description="It has had a round: how it is reported stays.")


class ReportGroupsBody(BaseModel):
    """Which units of a rollout are reported together, and what the platform proposes."""

    groups: list[list[str]] = Field(description="Unit ids.")
    least_people: int = Field(
        description="So many people a group needs, so that enough of them answer."
    )
    least_answers: int = Field(description="With fewer people, a unit has no result of its own.")
    proposal: list[list[str]] = Field(
        description="Groups for the units that have not begun and are too small: near to each other"
        " in the organisation."
    )
    left_over: list[str] = Field(description="Units that are too small, and near to no other.")
    units: list[RolloutUnitBody]

    @classmethod
    def of(cls, view: ReportGroupsView, k: int) -> "ReportGroupsBody":
        units = [
            RolloutUnitBody(
                unit_id=unit.unit_id,
                name=unit.name,
                headcount=unit.headcount,
                has_begun=unit.unit_id in view.begun,
            )
            for unit in view.units.values()
        ]
        return cls(
            groups=_lists(group.unit_ids for group in view.groups),
            least_people=least_people(k),
            least_answers=k,
            proposal=_lists(view.proposal.groups),
            left_over=list(view.proposal.left_over),
            units=sorted(units, key=lambda unit: (unit.name, unit.unit_id)),
        )


_Groups = Annotated[list[Annotated[list[UnitId], Field(max_length=100)]], Field(max_length=3500)]


class JoinUnitsBody(RequestBody):
    """All groups of the rollout. Units that are in none are reported by themselves."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"groups": [["north-office", "south-office"]]}]}
    )

    groups: _Groups
    expected_groups: _Groups | None = Field(
        default=None,
        description="The groups as they were read. If they have changed meanwhile, nothing is"
        " stored (409).",
    )


@router.get("/rollouts/{rollout_id}/report-groups")
async def get_report_groups(
    request: Request, caller: GroupReader, rollout_id: UUID
) -> ReportGroupsBody:
    """Which units are reported together, and a proposal for small ones."""
    app = app_of(request)
    async with app.uow().at_one_moment() as uow:
        view = await report_groups.view(rollout_id, uow, app.rule.k)
    return ReportGroupsBody.of(view, app.rule.k)


@router.put("/rollouts/{rollout_id}/report-groups", status_code=204, response_class=Response)
async def join_units(
    request: Request, caller: UnitJoiner, rollout_id: UUID, body: JoinUnitsBody
) -> None:
    """Decide which units are reported together, before their rounds open.

    Their people read in the invitation and before they answer with whom they are reported.
    """
    app = app_of(request)
    expected = None if body.expected_groups is None else _tuples(body.expected_groups)
    command = JoinUnits(rollout_id, _tuples(body.groups), expected)
    async with app.uow().by(caller) as uow:
        await report_groups.join_units(command, uow, app.rule.k)


def _tuples(groups: Iterable[Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(unit_ids) for unit_ids in groups)


def _lists(groups: Iterable[Iterable[str]]) -> list[list[str]]:
    return [list(unit_ids) for unit_ids in groups]
