"""Saved mappings of other systems' files: their table, their routes, and an upload read by one.

A service that imports files adds the router and the table (`migrations.script`).
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import Field
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from servicekit.access import may
from servicekit.auth import Principal
from servicekit.csv_export import Cell, write_table
from servicekit.db import Transaction
from servicekit.file_mapping import FileForm, ImportMapping, read_mapped, wrong_in
from servicekit.file_table import Table
from servicekit.paging import Page, PageQuery
from servicekit.problems import ProblemError
from servicekit.workbook_file import FILE_TYPES, MEDIA_TYPE

log = logging.getLogger(__name__)

_SOURCE = r"^[a-z0-9][a-z0-9_-]{0,62}$"
_NAMED = 20  # sources in a problem
_SAVED_AT = "2026-09-01T08:00:00Z"

_FIND = text("""
    select source, cast(document as text) as document, saved_at
    from import_mappings where source = :source
""")
_PAGE = text("""
    select source, cast(document as text) as document, saved_at
    from import_mappings order by source offset :offset limit :limit
""")
_COUNT = text("select count(*) from import_mappings")
_SOURCES = text("select source from import_mappings order by source limit :limit")
_SAVE = text("""
    insert into import_mappings (source, document, saved_at)
    values (:source, cast(:document as jsonb), now())
    on conflict (source) do update set document = excluded.document, saved_at = excluded.saved_at
    returning source, cast(document as text) as document, saved_at
""")
# A workbook of 100,000 rows takes up to a minute, in which its transaction is idle.
_PATIENCE = text("set local idle_in_transaction_session_timeout = '10min'")
_REMOVE = text("delete from import_mappings where source = :source")

SourceQuery = Annotated[
    str | None,
    Query(
        pattern=_SOURCE,
        description="The system that the file comes from: it is read by the mapping that is saved"
        " for it. Without it, the file is in our own form.",
    ),
]
SheetQuery = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=31,
        description="The sheet of an Excel workbook. Without it, the first that is not hidden.",
    ),
]
Administrator = Annotated[Principal, may("import_mappings.change")]
_SourcePath = Annotated[str, Path(pattern=_SOURCE)]


class SavedMapping(ImportMapping):
    """A saved mapping. `source` is the system that its files come from."""

    source: str
    saved_at: datetime = Field(description="When it was saved last.")


async def read_upload(
    request: Request,
    form: FileForm,
    source: str | None,
    connection: AsyncConnection,
    sheet: str | None = None,
) -> Table:
    """The file in the request's body, read by the source's mapping, or as our own without one.

    Raises ProblemError 415 `unsupported-media-type` or 422 `import-mapping-unknown`.
    """
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() not in FILE_TYPES:
        detail = f"Send the file as the body, with content type {' or '.join(FILE_TYPES)}."
        raise ProblemError(415, "unsupported-media-type", detail)
    mapping = ImportMapping() if source is None else await _find(connection, source)
    if mapping is None:
        detail = await _unknown(connection, source)
        raise ProblemError(422, "import-mapping-unknown", detail)
    await connection.execute(_PATIENCE)
    content = await request.body()
    return await asyncio.to_thread(read_mapped, content, form, mapping, content_type, sheet)


def file_upload(columns: Sequence[str], example: Sequence[Cell]) -> dict[str, Any]:
    """The `openapi_extra` of a route that reads an upload; `example` is one row in our own form."""
    content = write_table(columns, [example]).decode("utf-8-sig")
    described = {
        "text/csv": {"schema": {"type": "string"}, "example": content},
        MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}},
    }
    return {"requestBody": {"required": True, "content": described}}


def mapping_router(form: FileForm, example: ImportMapping) -> APIRouter:
    """`/import-mappings` of a service."""
    router = APIRouter(tags=["import mappings"])
    document = example.model_dump(mode="json")
    saved = {**document, "source": "hr", "saved_at": _SAVED_AT}

    @router.put("/import-mappings/{source}", responses=_answer(saved))
    async def save_mapping(
        request: Request,
        caller: Administrator,
        source: _SourcePath,
        body: Annotated[
            ImportMapping, Body(openapi_examples={"hr": {"summary": "HR", "value": document}})
        ],
    ) -> SavedMapping:
        """Save how files of a system are read, in place of what was saved for it before."""
        _refuse_what_is_wrong(body, form)
        async with _uow(request).by(caller) as uow:
            before = await _find(uow.connection, source)
            parameters = {"source": source, "document": body.model_dump_json()}
            row = (await uow.connection.execute(_SAVE, parameters)).one()
            if (was := _noted(before)) != (now := _noted(body)):
                uow.audit("import_mappings.change/save_mapping", _subject(source), was, now)
        log.info("import mapping %s saved by %s", source, caller.subject)
        return _saved(row)

    @router.get(
        "/import-mappings",
        responses=_answer({"items": [saved], "page": 1, "limit": 20, "total": 1}),
    )
    async def list_mappings(
        request: Request,
        _: Administrator,
        page: PageQuery,
    ) -> Page[SavedMapping]:
        """Saved mappings, by source."""
        async with _uow(request).at_one_moment() as uow:
            part = {"offset": page.offset, "limit": page.limit}
            rows = (await uow.connection.execute(_PAGE, part)).all()
            total = (await uow.connection.execute(_COUNT)).scalar_one()
        return page.holding([_saved(row) for row in rows], total)

    @router.get("/import-mappings/{source}", responses=_answer(saved))
    async def get_mapping(
        request: Request,
        _: Administrator,
        source: _SourcePath,
    ) -> SavedMapping:
        """One saved mapping."""
        async with _uow(request) as uow:
            return await _known(uow.connection, source)

    @router.delete("/import-mappings/{source}", status_code=204)
    async def remove_mapping(
        request: Request,
        caller: Administrator,
        source: _SourcePath,
    ) -> None:
        """Delete a saved mapping. What was imported by it stays."""
        async with _uow(request).by(caller) as uow:
            before = _noted(await _known(uow.connection, source))
            await uow.connection.execute(_REMOVE, {"source": source})
            uow.audit("import_mappings.change/remove_mapping", _subject(source), before)
        log.info("import mapping %s deleted by %s", source, caller.subject)

    return router


def _subject(source: str) -> str:
    return f"import_mapping/{source}"


def _noted(mapping: ImportMapping | None) -> dict[str, Any] | None:
    """A mapping as the audit trail has it."""
    if mapping is None:
        return None
    return mapping.model_dump(mode="json", include=set(ImportMapping.model_fields))


def _uow(request: Request) -> Transaction:
    uow: Transaction = request.app.state.app.uow()
    return uow


async def _find(connection: AsyncConnection, source: str) -> SavedMapping | None:
    row = (await connection.execute(_FIND, {"source": source})).one_or_none()
    return _saved(row) if row else None


async def _known(connection: AsyncConnection, source: str) -> SavedMapping:
    """Raises ProblemError 404 `import-mapping-unknown`."""
    mapping = await _find(connection, source)
    if mapping is None:
        detail = await _unknown(connection, source)
        raise ProblemError(404, "import-mapping-unknown", detail)
    return mapping


async def _unknown(connection: AsyncConnection, source: str | None) -> str:
    """What is said about a source without a mapping: which sources have one."""
    sources = (await connection.execute(_SOURCES, {"limit": _NAMED + 1})).scalars().all()
    named = ", ".join(sources[:_NAMED]) + (" and others" if len(sources) > _NAMED else "")
    there_are = f"There are: {named}." if sources else "None is saved yet."
    return f"There is no import mapping {source!r}. {there_are}"


def _saved(row: Any) -> SavedMapping:
    mapping = ImportMapping.model_validate_json(row.document)
    return SavedMapping(source=row.source, saved_at=row.saved_at, **dict(mapping))


def _refuse_what_is_wrong(mapping: ImportMapping, form: FileForm) -> None:
    """Raises RequestValidationError, which becomes the same problem as for any other body."""
    wrong = [
        {"type": "value_error", "loc": ("body", *location), "msg": detail}
        for location, detail in wrong_in(mapping, form)
    ]
    if wrong:
        raise RequestValidationError(wrong)


def _answer(example: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {"application/json": {"example": example}}}}
