"""Lists as CSV files: `Accept: text/csv` asks for all rows of a list in one file.

The header fits lists better than a parameter would: a page's `limit` and `page` mean nothing for a
file, OpenAPI describes an answer by its content types, and `/docs` sends what is chosen there.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from math import ceil
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request, Response
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from servicekit.csv_export import Cell, write_table
from servicekit.csv_table import MAX_LINES
from servicekit.paging import PageRequest
from servicekit.problems import ProblemError

T = TypeVar("T")

_MAX_ROWS = MAX_LINES - 1
"""With its header, the file is as long as an import takes."""
_BATCH = 5_000
_MEDIA_TYPE = "text/csv"
_SNAPSHOT = text("set transaction isolation level repeatable read")


def _wants_csv(request: Request) -> bool:
    """Whether the caller asks for text/csv by name, and not for JSON by name as much or more."""
    wanted = dict(_preference(part) for part in request.headers.get("accept", "").split(","))
    return wanted.get(_MEDIA_TYPE, 0) > wanted.get("application/json", 0)


WantsCsv = Annotated[bool, Depends(_wants_csv)]


def _preference(part: str) -> tuple[str, float]:
    """A media type of an Accept header, and its `q`: 1 if none is given, 0 if it is no number."""
    media_type, *parameters = (each.strip().lower() for each in part.split(";"))
    given = [each.removeprefix("q=") for each in parameters if each.startswith("q=")]
    try:
        return media_type, float(given[0]) if given else 1.0
    except ValueError:
        return media_type, 0.0


async def every(
    connection: AsyncConnection,
    read: Callable[[PageRequest], Awaitable[tuple[Sequence[T], int]]],
) -> list[T]:
    """All items of a list as of one moment; `read` gives a page and how many there are in all.

    Call it before any other statement of the transaction. Raises ProblemError 422
    `too-many-rows` if there are more than a file has lines.
    """
    await connection.execute(_SNAPSHOT)
    found, total = await read(PageRequest(limit=_BATCH))
    if total > _MAX_ROWS:
        raise _too_many(total)
    items = list(found)
    for number in range(2, ceil(total / _BATCH) + 1):
        found, _ = await read(PageRequest(limit=_BATCH, page=number))
        items += found
    return items


async def csv_answer(name: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """The file `<name>.csv`, whole. Never cached: it may hold personal data.

    Raises ProblemError 422 `too-many-rows`.
    """
    lines = list(rows)
    if len(lines) > _MAX_ROWS:
        raise _too_many(len(lines))
    headers = {
        "content-disposition": f'attachment; filename="{name}.csv"',
        "cache-control": "no-store",
        "vary": "accept",
    }
    content = await asyncio.to_thread(write_table, columns, lines)
    return Response(content, media_type=f"{_MEDIA_TYPE}; charset=utf-8", headers=headers)


def also_csv(columns: Sequence[str], example: Sequence[Cell]) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that answers with `csv_answer` too; `example` is one row."""
    content = write_table(columns, [example]).decode("utf-8-sig")
    described = {"schema": {"type": "string"}, "example": content}
    return {200: {"content": {_MEDIA_TYPE: described}}}


def _too_many(total: int) -> ProblemError:
    detail = f"A file has {_MAX_ROWS} rows at most, and these are {total}. Read JSON in pages."
    return ProblemError(422, "too-many-rows", detail)
