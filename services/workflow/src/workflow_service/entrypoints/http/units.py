"""HTTP: the organisation's units, their import and their managers."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from servicekit.auth import Principal, require
from servicekit.csv_table import read_table
from servicekit.idempotency import IdempotencyKey, idempotent
from servicekit.paging import Page, PageQuery
from servicekit.problems import ProblemError
from servicekit.text import not_null_word
from workflow_service.application.organisation import handlers as unit_handlers
from workflow_service.application.organisation import queries as unit_queries
from workflow_service.application.organisation.commands import AssignManager, ImportUnits
from workflow_service.application.organisation.queries import PlacedUnit
from workflow_service.domain.organisation.unit import KINDS, UNIT_ID
from workflow_service.domain.organisation.unit_file import COLUMNS, Record
from workflow_service.domain.organisation.unit_import import ImportPlan
from workflow_service.entrypoints.app import RegionAdministrator, app_of
from workflow_service.entrypoints.http.fields import MAX_INT

router = APIRouter(tags=["units"])

Administrator = Annotated[Principal, Depends(require("administrator"))]
Reader = Annotated[
    Principal,
    Depends(require("administrator", "auditor", "service", "manager", "employee")),
]
UnitIdPath = Annotated[str, Path(pattern=f"^{UNIT_ID.pattern}$")]

_EXAMPLE = "unit_id;name;kind;parent_id;headcount;manager_id\nrehab;Rehab;unit;halsa;18;m-0001\n"
_ID_COLUMNS = ("unit_id", "parent_id", "manager_id")
_CSV_BODY = {
    "requestBody": {
        "required": True,
        "content": {"text/csv": {"schema": {"type": "string"}, "example": _EXAMPLE}},
    }
}


class ChangedUnitBody(BaseModel):
    """A known unit that differs."""

    unit_id: str
    fields: list[str] = Field(description="Columns that differ.")


class ImportBody(BaseModel):
    """What the import changes, or on a dry run would change."""

    dry_run: bool
    added: list[str]
    changed: list[ChangedUnitBody]
    unchanged: int
    absent: list[str] = Field(description="Known units that the file does not name. They are kept.")
    ignored_columns: list[str] = Field(description="Columns of the file that are not read.")

    @classmethod
    def of(cls, plan: ImportPlan, dry_run: bool, ignored: list[str]) -> "ImportBody":
        changed = [ChangedUnitBody(unit_id=c.unit_id, fields=list(c.fields)) for c in plan.changed]
        return cls(
            dry_run=dry_run,
            added=plan.added,
            changed=changed,
            unchanged=plan.unchanged,
            absent=plan.absent,
            ignored_columns=ignored,
        )


class UnitBody(BaseModel):
    """A unit in its place in the tree."""

    unit_id: str
    name: str
    kind: Annotated[str, Field(json_schema_extra={"enum": list(KINDS)})]
    parent_id: str | None
    headcount: int
    manager_id: str | None = Field(description="Opaque recipient id; null when there is none.")
    version: int
    path: list[str] = Field(description="Ids from the root down to this unit.")
    children: list[str]
    takes_part: bool = Field(description="Has people and no unit below it: can have a journey.")

    @classmethod
    def of(cls, placed: PlacedUnit) -> "UnitBody":
        facts = placed.unit.facts
        return cls(
            unit_id=facts.unit_id,
            name=facts.name,
            kind=facts.kind,
            parent_id=facts.parent_id,
            headcount=facts.headcount,
            manager_id=placed.unit.manager_id,
            version=placed.unit.version,
            path=list(placed.place.path),
            children=list(placed.place.children),
            takes_part=placed.takes_part,
        )


class ManagerBody(BaseModel):
    """Who manages the unit from now on."""

    model_config = ConfigDict(extra="forbid")

    manager_id: Annotated[str, AfterValidator(not_null_word)] = Field(
        description="Recipient id, never a name or an address.", examples=["m-0001"]
    )
    expected_version: int | None = Field(
        default=None, ge=1, le=MAX_INT, description="Refuse if the unit has another version by now."
    )


@router.post("/units/import", openapi_extra=_CSV_BODY, response_model=ImportBody)
async def import_units(
    request: Request,
    caller: RegionAdministrator,
    key: IdempotencyKey,
    dry_run: Annotated[bool, Query(description="Report what would change; write nothing.")] = False,
) -> Response:
    """Bring the units in line with a CSV file, separated by `,` or `;`, in UTF-8 or the charset
    that the content type declares.

    Columns: unit_id, name, kind, parent_id, headcount, manager_id; others are ignored and listed.
    100,000 lines at most. All or nothing: a file with any error changes nothing, and every error
    is reported by line and column.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "text/csv":
        detail = "Send the unit file as the body, with content type text/csv."
        raise ProblemError(415, "unsupported-media-type", detail)
    content_type = request.headers["content-type"]
    table = await asyncio.to_thread(
        read_table, await request.body(), COLUMNS, content_type, _ID_COLUMNS
    )
    command = ImportUnits([Record(*row) for row in table.rows], table.faults, dry_run)
    async with app_of(request).uow() as uow:

        async def produce() -> ImportBody:
            plan = await unit_handlers.import_units(command, uow)
            return ImportBody.of(plan, dry_run, table.ignored)

        return await idempotent(uow, key, produce)


@router.get("/units")
async def list_units(request: Request, caller: Reader, page: PageQuery) -> Page[UnitBody]:
    """The caller's units and all below them, by id."""
    async with app_of(request).uow() as uow:
        units, total = await unit_queries.list_units(uow, caller.scope, page)
    return page.holding([UnitBody.of(placed) for placed in units], total)


@router.get("/units/{unit_id}")
async def get_unit(request: Request, caller: Reader, unit_id: UnitIdPath) -> UnitBody:
    """One unit, with its path from the root and the units directly below it."""
    async with app_of(request).uow() as uow:
        return UnitBody.of(await unit_queries.get_unit(uow, caller.scope, unit_id))


@router.put("/units/{unit_id}/manager")
async def assign_manager(
    request: Request, caller: Administrator, unit_id: UnitIdPath, body: ManagerBody
) -> UnitBody:
    """Give the unit a (new) manager. Its journey goes on; the new manager gets a hand-over."""
    command = AssignManager(unit_id, body.manager_id, body.expected_version)
    async with app_of(request).uow() as uow:
        await unit_queries.get_unit(uow, caller.scope, unit_id)  # A foreign unit looks unknown.
        await unit_handlers.assign_manager(command, uow)
        placed = await unit_queries.get_unit(uow, caller.scope, unit_id)
    return UnitBody.of(placed)
