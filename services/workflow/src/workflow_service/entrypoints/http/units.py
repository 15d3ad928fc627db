"""HTTP: the organisation's units and their import."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from servicekit.access import may
from servicekit.auth import Principal
from servicekit.csv_answer import WantsCsv, also_csv, csv_answer, every
from servicekit.fault_text import FaultText
from servicekit.file_table import folded
from servicekit.idempotency import IdempotencyKey, idempotent
from servicekit.import_mappings import SheetQuery, SourceQuery, file_upload, read_upload
from servicekit.paging import Page, PageQuery, PageRequest
from workflow_service.application.organisation import handlers as unit_handlers
from workflow_service.application.organisation import queries as unit_queries
from workflow_service.application.organisation.commands import ImportUnits
from workflow_service.application.organisation.queries import PlacedUnit
from workflow_service.domain.organisation.unit import KINDS, UNIT_ID
from workflow_service.domain.organisation.unit_file import COLUMNS, Record
from workflow_service.domain.organisation.unit_import import ImportPlan
from workflow_service.entrypoints.app import app_of
from workflow_service.entrypoints.http.fields import UnitIdField
from workflow_service.entrypoints.http.unit_file import EXAMPLE, FORM, row_of

router = APIRouter(tags=["units"])

Reader = Annotated[Principal, may("units.read")]
Importer = Annotated[Principal, may("units.change")]
_MANAGER_COLUMN = "manager_id"
_MANAGERS_ELSEWHERE = FaultText(
    "managers-elsewhere",
    "The column manager_id was ignored: who manages a unit is not kept here. Import managers with"
    " the persons, in the role manager for the unit: POST /v1/persons/import of the people"
    " service.",
)
UnitIdPath = Annotated[str, Path(pattern=f"^{UNIT_ID.pattern}$")]


class ChangedUnitBody(BaseModel):
    """A known unit that differs."""

    unit_id: str
    fields: list[str] = Field(description="Columns that differ.")


class ImportWarningBody(BaseModel):
    """Something in the file that is not done."""

    code: str
    detail: str
    parameters: dict[str, str] = Field(description="The values in the detail, by name.")

    @classmethod
    def of(cls, warning: FaultText) -> "ImportWarningBody":
        return cls(code=warning.code, detail=warning, parameters=dict(warning.given))


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
    warnings: list[ImportWarningBody] = Field(
        description="What the file has and is not done. It is no error."
    )

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
            warnings=[ImportWarningBody.of(one) for one in _warnings(plan, ignored)],
        )


def _warnings(plan: ImportPlan, ignored: list[str]) -> list[FaultText]:
    warnings = [_MANAGERS_ELSEWHERE] if _MANAGER_COLUMN in map(folded, ignored) else []
    if plan.dissolved:
        text, some = (
            "Rows of dissolved units were left out ({count}): {units}.",
            plan.dissolved[:20],
        )
        count, units = len(plan.dissolved), ", ".join(some)
        warnings.append(FaultText("dissolved-left-out", text, count=count, units=units))
    return warnings


class UnitBody(BaseModel):
    """A unit in its place in the tree."""

    unit_id: str
    name: str
    kind: Annotated[str, Field(json_schema_extra={"enum": list(KINDS)})]
    parent_id: str | None
    headcount: int
    has_manager: bool = Field(description="By the assignments of today in the people service.")
    manager_since: datetime | None = Field(
        description="When the newest manager came, or the last one left; null if there was none."
    )
    version: int
    dissolved_on: date | None = Field(description="The first day without it; null for most units.")
    successor_id: str | None = Field(description="The unit that it was merged into.")
    path: list[str] = Field(description="Ids from the root down to this unit.")
    children: list[str]
    takes_part: bool = Field(description="Has people and no unit below it: can have a journey.")

    @classmethod
    def of(cls, placed: PlacedUnit) -> "UnitBody":
        facts, management = placed.unit.facts, placed.management
        return cls(
            unit_id=facts.unit_id,
            name=facts.name,
            kind=facts.kind,
            parent_id=facts.parent_id,
            headcount=facts.headcount,
            has_manager=management is not None and management.has_manager,
            manager_since=management.since if management else None,
            version=placed.unit.version,
            dissolved_on=placed.unit.dissolved_on,
            successor_id=placed.unit.successor_id,
            path=list(placed.place.path),
            children=list(placed.place.children),
            takes_part=placed.takes_part,
        )


@router.post(
    "/units/import", openapi_extra=file_upload(COLUMNS, EXAMPLE), response_model=ImportBody
)
async def import_units(
    request: Request,
    caller: Importer,
    key: IdempotencyKey,
    dry_run: Annotated[bool, Query(description="Report what would change; write nothing.")] = False,
    source: SourceQuery = None,
    sheet: SheetQuery = None,
) -> Response:
    """Bring the units in line with a CSV file, separated by `,`, `;` or tabs, in UTF-8 or the
    charset that the content type declares, or with a sheet of an Excel workbook (.xlsx).

    Columns: unit_id, name, kind, parent_id, headcount; others are ignored and listed. Managers are
    imported with the persons, by the people service. A file of another system is read by its saved
    mapping. 100,000 lines at most. All or nothing: a file with any error changes nothing, and the
    first 200 errors are listed by line and column.
    """
    async with app_of(request).uow().by(caller) as uow:

        async def produce() -> ImportBody:
            table = await read_upload(request, FORM, source, uow.connection, sheet)
            records = [Record(*row) for row in table.rows]
            command = ImportUnits(records, table.faults, dry_run, table.headings)
            plan = await unit_handlers.import_units(command, uow)
            return ImportBody.of(plan, dry_run, table.ignored)

        return await idempotent(uow, key, produce)


@router.get("/units", response_model=Page[UnitBody], responses=also_csv(COLUMNS, EXAMPLE))
async def list_units(
    request: Request,
    caller: Reader,
    page: PageQuery,
    as_csv: WantsCsv,
    parent_id: Annotated[
        UnitIdField | None, Query(description="Only the units directly below this one.")
    ] = None,
) -> Page[UnitBody] | Response:
    """The caller's units and all below them, by id.

    With `Accept: text/csv` all of them in one file, except dissolved ones; the import takes it as
    it is.
    """
    async with app_of(request).uow().at_one_moment() as uow:

        async def read(part: PageRequest) -> tuple[list[PlacedUnit], int]:
            return await unit_queries.list_units(uow, caller.scope, part, parent_id)

        if as_csv:
            found = await every(read)
            rows = [row_of(placed) for placed in found if placed.unit.dissolved_on is None]
            return await csv_answer("units", COLUMNS, rows)
        units, total = await read(page)
    return page.holding([UnitBody.of(placed) for placed in units], total)


@router.get("/units/{unit_id}")
async def get_unit(request: Request, caller: Reader, unit_id: UnitIdPath) -> UnitBody:
    """One unit, with its path from the root and the units directly below it."""
    async with app_of(request).uow() as uow:
        return UnitBody.of(await unit_queries.get_unit(uow, caller.scope, unit_id))
