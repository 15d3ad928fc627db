"""HTTP: persons and their import. Reading persons is in the audit trail."""

import logging
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response

from people_service.application import handlers, person_import
from people_service.application.commands import ForgetPerson, ImportPersons
from people_service.domain.errors import DomainError
from people_service.domain.person import PERSON_ID, Person
from people_service.domain.person_file import COLUMNS
from people_service.entrypoints.app import app_of
from people_service.entrypoints.http import person_file
from people_service.entrypoints.http.import_schemas import ImportBody, ImportProgressBody
from people_service.entrypoints.http.person_file import EXAMPLE, FORM, rows_of
from people_service.entrypoints.http.person_schemas import OpenProblemBody, PersonBody
from servicekit.access import may
from servicekit.auth import Principal
from servicekit.csv_answer import WantsCsv, also_csv, csv_answer, every
from servicekit.idempotency import IdempotencyKey, idempotent
from servicekit.import_mappings import SheetQuery, SourceQuery, file_upload, read_upload
from servicekit.paging import Page, PageQuery, PageRequest

log = logging.getLogger(__name__)

router = APIRouter()
router.include_router(person_file.router)

Reader = Annotated[Principal, may("persons.read")]
Editor = Annotated[Principal, may("persons.change")]
PersonId = Annotated[str, Path(pattern=f"^{PERSON_ID.pattern}$")]
Overseer = Annotated[Principal, may("persons.check")]


@router.post(
    "/persons/import",
    tags=["persons"],
    openapi_extra=file_upload(COLUMNS, EXAMPLE),
    response_model=ImportBody,
    response_description="What was changed, or would be.",
)
async def import_persons(
    request: Request,
    caller: Editor,
    key: IdempotencyKey,
    dry_run: Annotated[bool, Query(description="Return what would change; write nothing.")] = False,
    source: SourceQuery = None,
    sheet: SheetQuery = None,
    complete: Annotated[
        bool, Query(description="The file lists everybody: of all others the assignments end.")
    ] = False,
    confirm: Annotated[
        str | None,
        Query(
            pattern=r"^[0-9a-f]{16}$",
            description="As a dry run of a file that ends or moves many says.",
        ),
    ] = None,
) -> Response:
    """Bring persons in line with a CSV file, separated by `,`, `;` or tabs, in UTF-8 or the charset
    that the content type declares, or with a sheet of an Excel workbook (.xlsx).

    Columns: person_id, name, email (empty for somebody without one), language (sv, en), role,
    unit_id, and where wanted valid_from and valid_to, the first and the last day, phone and hsa_id,
    of which an empty one leaves what is known; others are left out and listed. A file of another
    system is read by its saved mapping. One row is one assignment; 100,000 lines at most. A file
    with an error changes nothing; the response lists the first 200 errors by line and column.

    From today on the file is true for the persons that it lists, and a `complete` file for
    everybody: an assignment that it no longer has ends yesterday and is kept as history, and a new
    one of a known person begins today unless the file says when. Nobody is deleted. If more than
    10 % of those who hold something would hold nothing, from a day within 30 days on, it is refused
    (`import-ends-many`) unless `confirm` repeats what a dry run of this file answers now; so is one
    that moves more than 10 %, and ten or more, to other units (`import-moves-many`). A file cannot
    change your own roles for the whole region (`own-region-role`).

    How far it is says `GET /v1/persons/import/progress`, under the same key.
    """
    progress = app_of(request).import_progress(key.caller, key.key)
    async with app_of(request).uow().by(caller) as uow:

        async def read_and_import() -> ImportBody:
            await progress.note("reading")
            table = await read_upload(request, FORM, source, uow.connection, sheet)
            command = ImportPersons(
                rows=[(row.line, row.values) for row in table.rows if row.whole],
                faults=table.faults,
                dry_run=dry_run,
                headings=table.headings,
                account_id=_account_id(caller),
                complete=complete,
                confirm=confirm,
            )
            result = await person_import.import_persons(command, uow, progress)
            if not dry_run:
                log.info("persons imported by %s: %s", caller.subject, result.plan.numbers)
            return ImportBody.of(result, dry_run, complete, table.ignored)

        async def produce() -> ImportBody:
            try:
                return await read_and_import()
            except Exception:
                await progress.end("refused")
                raise

        answer = await idempotent(uow, key, produce)
    await progress.end("done")
    return answer


@router.get(
    "/persons/import/progress", tags=["persons"], response_description="How far the import is."
)
async def read_import_progress(
    request: Request,
    caller: Editor,
    key: Annotated[str, Query(min_length=1, max_length=255, description="Its Idempotency-Key.")],
) -> ImportProgressBody:
    """How far your own import is that you sent under this Idempotency-Key: reading the file,
    comparing it with what is stored, or storing persons; or that it is done, or was refused. Its
    response says why, and what was changed."""
    found = await app_of(request).import_progress(caller.subject, key).read()
    if found is None:
        detail = "You have sent no import under this key today."
        raise DomainError("import-unknown", "not_found", detail)
    return ImportProgressBody.model_validate(found, from_attributes=True)


def _account_id(caller: Principal) -> UUID | None:
    """None for a caller whose token is not of this service's own: a system, or a test's."""
    try:
        return UUID(caller.subject)
    except ValueError:
        return None


@router.get(
    "/persons",
    tags=["persons"],
    response_model=Page[PersonBody],
    responses=also_csv(COLUMNS, EXAMPLE),
)
async def list_persons(
    request: Request, caller: Reader, page: PageQuery, as_csv: WantsCsv
) -> Page[PersonBody] | Response:
    """All persons with their assignments, by id. This is personal data: every access is in the
    audit trail.

    With `Accept: text/csv` all of them in one file, which the import takes as it is.
    """
    which = "all as CSV" if as_csv else f"page {page.page}"
    async with app_of(request).uow().at_one_moment().by(caller) as uow:
        uow.audit("persons.read/list_persons", "persons", after={"read": which})

        async def read(part: PageRequest) -> tuple[list[Person], int]:
            return await uow.queries.persons(part)

        if as_csv:
            people = await every(read)
            rows = [row for person in people for row in rows_of(person)]
            return await csv_answer("persons", COLUMNS, rows)
        found, total = await read(page)
    return page.holding([PersonBody.of(person) for person in found], total)


@router.get("/persons/{person_id}", tags=["persons"], response_description="The person.")
async def read_person(request: Request, caller: Reader, person_id: PersonId) -> PersonBody:
    """A person with their assignments. Personal data: every access is in the audit trail."""
    async with app_of(request).uow().by(caller) as uow:
        uow.audit("persons.read/read_person", f"person/{person_id}")
        return PersonBody.of(await handlers.find_person(person_id, uow))


@router.delete("/persons/{person_id}", tags=["persons"], status_code=204)
async def forget_person(
    request: Request,
    caller: Editor,
    person_id: PersonId,
) -> None:
    """Delete a person with all assignments, delegations and their SCIM user. Mails not yet sent to
    them fail.

    What providers call them stays, as nobody's, with the account: who comes back is recognised, and
    does not count as a second person beside what they did before. To remove that too, erase them.
    Not yourself (`own-person`).
    """
    log.info("a person deleted by %s", caller.subject)
    async with app_of(request).uow().by(caller) as uow:
        await handlers.forget_person(ForgetPerson(person_id, caller.subject), uow)


@router.get(
    "/open-problems",
    tags=["persons"],
    response_description="One page of problems; none is good.",
)
async def list_open_problems(
    request: Request, _: Overseer, page: PageQuery
) -> Page[OpenProblemBody]:
    """What keeps mails from people who should get them: unknown units and unclear ids.

    Somebody has to correct it where it comes from: the person file or the workflow service. Units
    without a manager are among the open problems of the workflow service.
    """
    async with app_of(request).uow().at_one_moment() as uow:
        found, total = await uow.queries.open_problems(page)
    return page.holding([OpenProblemBody.of(problem) for problem in found], total)
