"""Lists as CSV files: `Accept: text/csv` asks for all rows of a list in one file.

The header fits lists better than a parameter would: a page's `limit` and `page` mean nothing for a
file, OpenAPI describes an answer by its content types, and `/docs` sends what is chosen there.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from math import ceil
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request, Response

from servicekit.accept import wanted
from servicekit.csv_export import Cell, write_table
from servicekit.file_table import MAX_LINES
from servicekit.paging import PageRequest
from servicekit.problems import ProblemError

T = TypeVar("T")

_MAX_ROWS = MAX_LINES - 1
"""With its header, the file is as long as an import takes."""
_BATCH = 5_000
_MEDIA_TYPE = "text/csv"


def _wants_csv(request: Request) -> bool:
    """Whether the caller asks for text/csv by name, and not for JSON by name as much or more."""
    kinds = wanted(request)
    return kinds.get(_MEDIA_TYPE, 0) > kinds.get("application/json", 0)


WantsCsv = Annotated[bool, Depends(_wants_csv)]


async def every(
    read: Callable[[PageRequest], Awaitable[tuple[Sequence[T], int]]],
) -> list[T]:
    """All items of a list; `read` gives a page and how many there are in all.

    The pages fit together in a unit of work `at_one_moment`. Raises ProblemError 422
    `too-many-rows` if there are more than a file has lines.
    """
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
