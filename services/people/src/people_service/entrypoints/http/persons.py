"""HTTP: persons and their import. Reading persons is logged."""

import logging
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from people_service.application import handlers
from people_service.application.commands import ForgetPerson, ImportPersons
from people_service.domain.person import Person
from people_service.domain.person_file import COLUMNS
from people_service.entrypoints.app import app_of, of_the_whole_region
from people_service.entrypoints.http import person_file
from people_service.entrypoints.http.person_file import EXAMPLE, FORM, rows_of
from people_service.entrypoints.http.person_schemas import (
    ImportBody,
    OpenProblemBody,
    PersonBody,
)
from servicekit.auth import Principal
from servicekit.csv_answer import WantsCsv, also_csv, csv_answer, every
from servicekit.idempotency import IdempotencyKey, idempotent
from servicekit.import_mappings import SourceQuery, csv_upload, read_upload
from servicekit.paging import Page, PageQuery, PageRequest
from servicekit.problems import ProblemError

log = logging.getLogger(__name__)

router = APIRouter()
router.include_router(person_file.router)

Administrator = Annotated[Principal, Depends(of_the_whole_region("administrator"))]
Reader = Annotated[Principal, Depends(of_the_whole_region("administrator", "auditor"))]


@router.post(
    "/persons/import",
    tags=["persons"],
    openapi_extra=csv_upload(COLUMNS, EXAMPLE),
    response_model=ImportBody,
    response_description="What was changed, or would be.",
)
async def import_persons(
    request: Request,
    caller: Administrator,
    key: IdempotencyKey,
    dry_run: Annotated[bool, Query(description="Return what would change; write nothing.")] = False,
    source: SourceQuery = None,
) -> Response:
    """Add and change persons as in a CSV file, separated by `,`, `;` or tabs.

    UTF-8, or the charset that the content type declares. Other columns are left out and listed. A
    file of another system is read by its saved mapping.

    Columns: person_id, name, email, language (sv, en), role, unit_id, and where wanted valid_from
    and valid_to, the first and the last day. One row is one assignment; a file has 100,000 lines at
    most. A file with an error changes nothing; the response lists the first 200 errors by line and
    column. `warnings` has what keeps mails from people after the import.
    """
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != "text/csv":
        detail = "Send the person file as the body, with content type text/csv."
        raise ProblemError(415, "unsupported-media-type", detail)
    async with app_of(request).uow() as uow:

        async def produce() -> ImportBody:
            table = await read_upload(request, FORM, source, uow.connection)
            rows = [(row.line, row.values) for row in table.rows if row.whole]
            command = ImportPersons(rows, table.faults, dry_run, table.headings)
            result = await handlers.import_persons(command, uow)
            if not dry_run:
                added, changed = len(result.plan.added), len(result.plan.changed)
                log.info(
                    "persons imported by %s: %d new, %d changed", caller.subject, added, changed
                )
            return ImportBody.of(result, dry_run, table.ignored)

        return await idempotent(uow, key, produce)


@router.get(
    "/persons",
    tags=["persons"],
    response_model=Page[PersonBody],
    responses=also_csv(COLUMNS, EXAMPLE),
)
async def list_persons(
    request: Request, caller: Administrator, page: PageQuery, as_csv: WantsCsv
) -> Page[PersonBody] | Response:
    """All persons with their assignments, by id. This is personal data: every access is logged.

    With `Accept: text/csv` all of them in one file, which the import takes as it is.
    """
    which = "all as CSV" if as_csv else f"page {page.page}"
    log.info("persons, %s, listed by %s", which, caller.subject)
    async with app_of(request).uow() as uow:

        async def read(part: PageRequest) -> tuple[list[Person], int]:
            return await uow.queries.persons(part)

        if as_csv:
            people = await every(uow.connection, read)
            rows = [row for person in people for row in rows_of(person)]
            return await csv_answer("persons", COLUMNS, rows)
        found, total = await read(page)
    return page.holding([PersonBody.of(person) for person in found], total)


@router.delete("/persons/{person_id}", tags=["persons"], status_code=204)
async def forget_person(
    request: Request,
    caller: Administrator,
    person_id: Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")],
) -> None:
    """Delete a person with all assignments and identities. Mails not yet sent to them fail."""
    log.info("person %s deleted by %s", person_id, caller.subject)
    async with app_of(request).uow() as uow:
        await handlers.forget_person(ForgetPerson(person_id), uow)


@router.get(
    "/open-problems",
    tags=["persons"],
    response_description="One page of problems; none is good.",
)
async def list_open_problems(request: Request, _: Reader, page: PageQuery) -> Page[OpenProblemBody]:
    """What keeps mails from people who should get them: unknown managers and units, unclear ids.

    Somebody has to correct it where it comes from: the person file or the workflow service.
    """
    async with app_of(request).uow() as uow:
        found, total = await uow.queries.open_problems(page)
    return page.holding([OpenProblemBody.of(problem) for problem in found], total)
