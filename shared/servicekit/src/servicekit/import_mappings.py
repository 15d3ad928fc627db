"""Saved mappings of other systems' files: their table, their routes, and an upload read by one.

A service with a CSV import adds the router and the table (`migrations.script`).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import Field
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from servicekit.auth import Principal
from servicekit.csv_export import Cell, write_table
from servicekit.csv_mapping import FileForm, ImportMapping, read_mapped, wrong_in
from servicekit.csv_table import Table
from servicekit.db import Transaction
from servicekit.paging import Page, PageQuery
from servicekit.problems import ProblemError

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
_REMOVE = text("delete from import_mappings where source = :source")

SourceQuery = Annotated[
    str | None,
    Query(
        pattern=_SOURCE,
        description="The system that the file comes from: it is read by the mapping that is saved"
        " for it. Without it, the file is in our own form.",
    ),
]
_SourcePath = Annotated[str, Path(pattern=_SOURCE)]


class SavedMapping(ImportMapping):
    """A saved mapping. `source` is the system that its files come from."""

    source: str
    saved_at: datetime = Field(description="When it was saved last.")


async def read_upload(
    request: Request, form: FileForm, source: str | None, connection: AsyncConnection
) -> Table:
    """The CSV file in the request's body, read by the source's mapping, or as our own without one.

    Raises ProblemError 422 `import-mapping-unknown`.
    """
    mapping = ImportMapping() if source is None else await _find(connection, source)
    if mapping is None:
        detail = await _unknown(connection, source)
        raise ProblemError(422, "import-mapping-unknown", detail)
    content_type = request.headers.get("content-type", "")
    return await asyncio.to_thread(read_mapped, await request.body(), form, mapping, content_type)


def csv_upload(columns: Sequence[str], example: Sequence[Cell]) -> dict[str, Any]:
    """The `openapi_extra` of a route that reads an upload; `example` is one row in our own form."""
    content = write_table(columns, [example]).decode("utf-8-sig")
    described = {"schema": {"type": "string"}, "example": content}
    return {"requestBody": {"required": True, "content": {"text/csv": described}}}


def mapping_router(
    form: FileForm, example: ImportMapping, administrator: Callable[..., Awaitable[Principal]]
) -> APIRouter:
    """`/import-mappings` of a service. `administrator` is the dependency that admits callers."""
    router = APIRouter(tags=["import mappings"])
    caller_type = Annotated[Principal, Depends(administrator)]
    document = example.model_dump(mode="json")
    saved = {**document, "source": "hr", "saved_at": _SAVED_AT}

    @router.put("/import-mappings/{source}", responses=_answer(saved))
    async def save_mapping(
        request: Request,
        caller: caller_type,
        source: _SourcePath,
        body: Annotated[
            ImportMapping, Body(openapi_examples={"hr": {"summary": "HR", "value": document}})
        ],
    ) -> SavedMapping:
        """Save how files of a system are read, in place of what was saved for it before."""
        _refuse_what_is_wrong(body, form)
        async with _uow(request) as uow:
            parameters = {"source": source, "document": body.model_dump_json()}
            row = (await uow.connection.execute(_SAVE, parameters)).one()
        log.info("import mapping %s saved by %s", source, caller.subject)
        return _saved(row)

    @router.get(
        "/import-mappings",
        responses=_answer({"items": [saved], "page": 1, "limit": 20, "total": 1}),
    )
    async def list_mappings(
        request: Request,
        _: caller_type,
        page: PageQuery,
    ) -> Page[SavedMapping]:
        """Saved mappings, by source."""
        async with _uow(request) as uow:
            part = {"offset": page.offset, "limit": page.limit}
            rows = (await uow.connection.execute(_PAGE, part)).all()
            total = (await uow.connection.execute(_COUNT)).scalar_one()
        return page.holding([_saved(row) for row in rows], total)

    @router.get("/import-mappings/{source}", responses=_answer(saved))
    async def get_mapping(
        request: Request,
        _: caller_type,
        source: _SourcePath,
    ) -> SavedMapping:
        """One saved mapping."""
        async with _uow(request) as uow:
            return await _known(uow.connection, source)

    @router.delete("/import-mappings/{source}", status_code=204)
    async def remove_mapping(
        request: Request,
        caller: caller_type,
        source: _SourcePath,
    ) -> None:
        """Delete a saved mapping. What was imported by it stays."""
        async with _uow(request) as uow:
            await _known(uow.connection, source)
            await uow.connection.execute(_REMOVE, {"source": source})
        log.info("import mapping %s deleted by %s", source, caller.subject)

    return router


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
