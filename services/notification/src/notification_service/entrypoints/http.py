"""HTTP: recipients, their import, and the log of messages. Reading recipients is logged."""

import asyncio
import logging
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from notification_service.application import handlers
from notification_service.application.commands import ForgetRecipient, ImportRecipients
from notification_service.domain.delivery import Status
from notification_service.domain.recipient_file import COLUMNS
from notification_service.entrypoints.app import app_of, of_the_whole_region
from notification_service.entrypoints.schemas import (
    ImportBody,
    MessageBody,
    OpenProblemBody,
    RecipientBody,
)
from servicekit.auth import Principal
from servicekit.csv_table import read_table
from servicekit.idempotency import IdempotencyKey, idempotent
from servicekit.paging import Page, PageQuery
from servicekit.problems import ProblemError

log = logging.getLogger(__name__)

router = APIRouter()

Administrator = Annotated[Principal, Depends(of_the_whole_region("administrator"))]
Reader = Annotated[Principal, Depends(of_the_whole_region("administrator", "auditor"))]

_EXAMPLE = (
    "recipient_id;name;email;language;role;unit_id\n"
    "p-0001;Exempelperson 0001;person0001@example.se;sv;employee;rehabenheten\n"
)
_CSV_BODY = {
    "requestBody": {
        "required": True,
        "content": {"text/csv": {"schema": {"type": "string"}, "example": _EXAMPLE}},
    }
}


@router.post(
    "/recipients/import",
    tags=["recipients"],
    openapi_extra=_CSV_BODY,
    response_model=ImportBody,
    response_description="What was changed, or would be.",
)
async def import_recipients(
    request: Request,
    caller: Administrator,
    key: IdempotencyKey,
    dry_run: Annotated[bool, Query(description="Return what would change; write nothing.")] = False,
) -> Response:
    """Add and change recipients as in a CSV file, separated by `,` or `;`.

    UTF-8, or the charset that the content type declares. Other columns are left out and listed.

    Columns: recipient_id, name, email, language (sv, en), role (administrator, manager, employee),
    unit_id. One row is one assignment; a file has 100,000 lines at most. A file with an error
    changes nothing; the response lists the first 200 errors by line and column. `warnings` has
    what keeps mails from people after the import.
    """
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != "text/csv":
        detail = "Send the recipient file as the body, with content type text/csv."
        raise ProblemError(415, "unsupported-media-type", detail)
    table = await asyncio.to_thread(read_table, await request.body(), COLUMNS, content_type)
    rows = [(row.line, row.values) for row in table.rows if row.whole]
    command = ImportRecipients(rows, table.faults, dry_run)
    async with app_of(request).uow() as uow:

        async def produce() -> ImportBody:
            result = await handlers.import_recipients(command, uow)
            return ImportBody.of(result, dry_run, table.ignored)

        return await idempotent(uow, key, produce)


@router.get("/recipients", tags=["recipients"])
async def list_recipients(
    request: Request, caller: Administrator, page: PageQuery
) -> Page[RecipientBody]:
    """All recipients of mail, by id. This is personal data: every access is logged."""
    log.info("recipients, page %s, listed by %s", page.page, caller.subject)
    async with app_of(request).uow() as uow:
        found, total = await uow.queries.recipients(page)
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
