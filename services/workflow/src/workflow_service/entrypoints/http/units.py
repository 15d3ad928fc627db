"""HTTP: the organisation's units, their import and their managers."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import AfterValidator, BaseModel, Field

from servicekit.auth import Principal, require
from servicekit.csv_answer import WantsCsv, also_csv, csv_answer, every
from servicekit.idempotency import IdempotencyKey, idempotent
from servicekit.import_mappings import SourceQuery, csv_upload, read_upload
from servicekit.paging import Page, PageQuery, PageRequest
from servicekit.problems import ProblemError
from servicekit.request_body import RequestBody
from servicekit.text import not_null_word
from workflow_service.application.organisation import handlers as unit_handlers
from workflow_service.application.organisation import queries as unit_queries
from workflow_service.application.organisation.commands import AssignManager, ImportUnits
from workflow_service.application.organisation.queries import PlacedUnit
from workflow_service.domain.organisation.unit import KINDS, MANAGER_ID, UNIT_ID
from workflow_service.domain.organisation.unit_file import COLUMNS, Record
from workflow_service.domain.organisation.unit_import import ImportPlan
from workflow_service.entrypoints.app import RegionAdministrator, app_of
from workflow_service.entrypoints.http.fields import MAX_INT
from workflow_service.entrypoints.http.unit_file import EXAMPLE, FORM, row_of

router = APIRouter(tags=["units"])

Administrator = Annotated[Principal, Depends(require("administrator"))]
Reader = Annotated[
    Principal,
    Depends(require("administrator", "auditor", "service", "manager", "deputy", "employee")),
]
UnitIdPath = Annotated[str, Path(pattern=f"^{UNIT_ID.pattern}$")]


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
    without_people: list[str] = Field(
        description="Units of the file with neither people nor a unit below them: they take no"
        " part. Check that they are meant to be empty."
    )
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
            without_people=plan.without_people,
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


class ManagerBody(RequestBody):
    """Who manages the unit from now on."""

    manager_id: Annotated[str, AfterValidator(not_null_word)] = Field(
        description="Recipient id, never a name or an address.",
        examples=["m-0001"],
        json_schema_extra={"pattern": f"^{MANAGER_ID.pattern}$"},
    )
    expected_version: int | None = Field(
        default=None,
        ge=1,
        le=MAX_INT,
        description="Refuse if the unit has another version by now.",
        examples=[2],
    )


@router.post("/units/import", openapi_extra=csv_upload(COLUMNS, EXAMPLE), response_model=ImportBody)
async def import_units(
    request: Request,
    caller: RegionAdministrator,
    key: IdempotencyKey,
    dry_run: Annotated[bool, Query(description="Report what would change; write nothing.")] = False,
    source: SourceQuery = None,
) -> Response:
    """Bring the units in line with a CSV file, separated by `,`, `;` or tabs, in UTF-8 or the
    charset that the content type declares.

    Columns: unit_id, name, kind, parent_id, headcount, manager_id; others are ignored and listed.
    A file of another system is read by its saved mapping. 100,000 lines at most. All or nothing: a
    file with any error changes nothing, and the first 200 errors are listed by line and column.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "text/csv":
        detail = "Send the unit file as the body, with content type text/csv."
        raise ProblemError(415, "unsupported-media-type", detail)
    async with app_of(request).uow() as uow:

        async def produce() -> ImportBody:
            table = await read_upload(request, FORM, source, uow.connection)
            records = [Record(*row) for row in table.rows]
            command = ImportUnits(records, table.faults, dry_run, table.headings)
            plan = await unit_handlers.import_units(command, uow)
            return ImportBody.of(plan, dry_run, table.ignored)

        return await idempotent(uow, key, produce)


@router.get("/units", response_model=Page[UnitBody], responses=also_csv(COLUMNS, EXAMPLE))
async def list_units(
    request: Request, caller: Reader, page: PageQuery, as_csv: WantsCsv
) -> Page[UnitBody] | Response:
    """The caller's units and all below them, by id.

    With `Accept: text/csv` all of them in one file, which the import takes as it is.
    """
    async with app_of(request).uow() as uow:

        async def read(part: PageRequest) -> tuple[list[PlacedUnit], int]:
            return await unit_queries.list_units(uow, caller.scope, part)

        if as_csv:
            rows = [row_of(placed) for placed in await every(uow.connection, read)]
            return await csv_answer("units", COLUMNS, rows)
        units, total = await read(page)
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
