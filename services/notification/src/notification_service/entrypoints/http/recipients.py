"""HTTP: recipients, their import, and the log of messages. Reading recipients is logged."""

import logging
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from notification_service.application import handlers
from notification_service.application.commands import ForgetRecipient, ImportRecipients
from notification_service.domain.delivery import Status
from notification_service.domain.recipient import Recipient
from notification_service.domain.recipient_file import COLUMNS
from notification_service.entrypoints.app import app_of, of_the_whole_region
from notification_service.entrypoints.http import recipient_file
from notification_service.entrypoints.http.recipient_file import EXAMPLE, FORM, rows_of
from notification_service.entrypoints.http.recipient_schemas import (
    ImportBody,
    MessageBody,
    OpenProblemBody,
    RecipientBody,
)
from servicekit.auth import Principal
from servicekit.csv_answer import WantsCsv, also_csv, csv_answer, every
from servicekit.idempotency import IdempotencyKey, idempotent
from servicekit.import_mappings import SourceQuery, csv_upload, read_upload
from servicekit.paging import Page, PageQuery, PageRequest
from servicekit.problems import ProblemError

log = logging.getLogger(__name__)

router = APIRouter()
router.include_router(recipient_file.router)

Administrator = Annotated[Principal, Depends(of_the_whole_region("administrator"))]
Reader = Annotated[Principal, Depends(of_the_whole_region("administrator", "auditor"))]


@router.post(
    "/recipients/import",
    tags=["recipients"],
    openapi_extra=csv_upload(COLUMNS, EXAMPLE),
    response_model=ImportBody,
    response_description="What was changed, or would be.",
)
async def import_recipients(
    request: Request,
    caller: Administrator,
    key: IdempotencyKey,
    dry_run: Annotated[bool, Query(description="Return what would change; write nothing.")] = False,
    source: SourceQuery = None,
) -> Response:
    """Add and change recipients as in a CSV file, separated by `,`, `;` or tabs.

    UTF-8, or the charset that the content type declares. Other columns are left out and listed. A
    file of another system is read by its saved mapping.

    Columns: recipient_id, name, email, language (sv, en), role (administrator, manager, employee),
    unit_id. One row is one assignment; a file has 100,000 lines at most. A file with an error
    changes nothing; the response lists the first 200 errors by line and column. `warnings` has
    what keeps mails from people after the import.
    """
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != "text/csv":
        detail = "Send the recipient file as the body, with content type text/csv."
        raise ProblemError(415, "unsupported-media-type", detail)
    async with app_of(request).uow() as uow:

        async def produce() -> ImportBody:
            table = await read_upload(request, FORM, source, uow.connection)
            rows = [(row.line, row.values) for row in table.rows if row.whole]
            command = ImportRecipients(rows, table.faults, dry_run, table.headings)
            result = await handlers.import_recipients(command, uow)
            return ImportBody.of(result, dry_run, table.ignored)

        return await idempotent(uow, key, produce)


@router.get(
    "/recipients",
    tags=["recipients"],
    response_model=Page[RecipientBody],
    responses=also_csv(COLUMNS, EXAMPLE),
)
async def list_recipients(
    request: Request, caller: Administrator, page: PageQuery, as_csv: WantsCsv
) -> Page[RecipientBody] | Response:
    """All recipients of mail, by id. This is personal data: every access is logged.

    With `Accept: text/csv` all of them in one file, which the import takes as it is.
    """
    which = "all as CSV" if as_csv else f"page {page.page}"
    log.info("recipients, %s, listed by %s", which, caller.subject)
    async with app_of(request).uow() as uow:

        async def read(part: PageRequest) -> tuple[list[Recipient], int]:
            return await uow.queries.recipients(part)

        if as_csv:
            people = await every(uow.connection, read)
            rows = [row for person in people for row in rows_of(person)]
            return await csv_answer("recipients", COLUMNS, rows)
        found, total = await read(page)
    return page.holding([RecipientBody.of(recipient) for recipient in found], total)


@router.delete("/recipients/{recipient_id}", tags=["recipients"], status_code=204)
async def forget_recipient(
    request: Request,
    caller: Administrator,
    recipient_id: Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")],
) -> None:
    """Delete a person with all assignments. Messages not yet sent to them fail."""
    log.info("recipient %s deleted by %s", recipient_id, caller.subject)
    async with app_of(request).uow() as uow:
        await handlers.forget_recipient(ForgetRecipient(recipient_id), uow)


@router.get(
    "/open-problems",
    tags=["recipients"],
    response_description="One page of problems; none is good.",
)
async def list_open_problems(request: Request, _: Reader, page: PageQuery) -> Page[OpenProblemBody]:
    """What keeps mails from people who should get them: unknown managers and units, unclear ids.

    Somebody has to correct it where it comes from: the recipient file or the workflow service.
    """
    async with app_of(request).uow() as uow:
        found, total = await uow.queries.open_problems(page)
    return page.holding([OpenProblemBody.of(problem) for problem in found], total)


@router.get("/messages", tags=["messages"])
async def list_messages(
    request: Request,
    caller: Reader,
    page: PageQuery,
    status: Status | None = None,
    template: Annotated[str | None, Query(pattern=r"^[a-z_]{1,100}$")] = None,
) -> Page[MessageBody]:
    """Messages with their recipients and attempts, newest first, without their texts."""
    async with app_of(request).uow() as uow:
        found, total = await uow.queries.messages(status, template, page)
    return page.holding([MessageBody.model_validate(message) for message in found], total)
