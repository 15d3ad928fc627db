"""Free texts that a service stores, and taking somebody's name out of them, in PostgreSQL.

Each is found first, without locks and in parts that no statement's timeout reaches. Then the rows
that were found are locked, in the order of the tables and their keys, compared again and changed.
So nobody waits for a search. Each may raise DBAPIError: try again later.
"""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    LargeBinary,
    MetaData,
    Row,
    Select,
    Table,
    Text,
    cast,
    delete,
    func,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from servicekit import audit_trail
from servicekit.db import table
from servicekit.naming import Words

WHOLE: frozenset[str] = frozenset()
"""Of a column that is one free text."""
FreeTexts = Mapping[type[SQLModel], Mapping[str, Set[str]]]
"""The tables with free texts, in the order in which their rows are locked; their columns; and under
which keys of a column's documents the free texts are, at any depth, or WHOLE."""
Found = Mapping[str, Sequence[Row[Any]]]
"""The keys of rows that name somebody, by table."""

_IN_A_PART = 20_000  # rows that one statement reads
_PATIENCE = text("set local lock_timeout = '2s'")
_ANSWERS = Table(
    "idempotency_keys",
    MetaData(),
    Column("caller", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("body", LargeBinary),
)
_LINES = text("""
    select seq, details from audit_lines
    where seq > :after and seq <= :until and details ~* :loosely
        and action not like '%/erase\\_person'
    order by seq
""")
_LINES_UNTIL = text("select min(seq) - 1 as first, max(seq) as last from audit_lines")


async def find_texts(connection: AsyncConnection, texts: FreeTexts, words: Words) -> Found:
    """The rows that have one of the words in a free text."""
    return {
        table(row).name: await _find_rows(connection, table(row), columns, words)
        for row, columns in texts.items()
    }


async def remove_words(
    connection: AsyncConnection, texts: FreeTexts, words: Words, found: Found
) -> dict[str, int]:
    """Take the words out of the rows that were found; how many changed, by table."""
    await connection.execute(_PATIENCE)
    return {
        table(row).name: await _remove_from(
            connection, table(row), columns, words, found[table(row).name]
        )
        for row, columns in texts.items()
    }


async def find_answers(connection: AsyncConnection, words: Words) -> Sequence[Row[Any]]:
    """The keys of stored answers that have one of the words, in the key or in the answer."""
    body = func.convert_from(_ANSWERS.c.body, "UTF8")
    named = or_(_ANSWERS.c.key.op("~*")(words.loosely), body.op("~*")(words.loosely))
    rows = await _in_parts(connection, _ANSWERS, select(_ANSWERS).where(named))
    return await asyncio.to_thread(
        lambda: [row for row in rows if words.are_in([row.key, _answer(row)])]
    )


async def forget_answers(
    connection: AsyncConnection, words: Words, found: Sequence[Row[Any]]
) -> int:
    """Empty the answers that were found, and delete keys that have one of the words; how many."""
    changed = 0
    for one in found:
        same = (_ANSWERS.c.caller == one.caller, _ANSWERS.c.key == one.key)
        locked = await connection.execute(select(_ANSWERS).where(*same).with_for_update())
        row = locked.one_or_none()
        if row is None:
            continue
        if words.are_in(row.key):
            await connection.execute(delete(_ANSWERS).where(*same))
        elif words.are_in(_answer(row)):
            await connection.execute(update(_ANSWERS).where(*same).values(body=None))
        else:
            continue
        changed += 1
    return changed


@dataclass(frozen=True)
class Lines:
    """The numbers of audit lines that name somebody, of all up to `until`."""

    numbers: list[int]
    until: int


Names = Callable[[Mapping[str, Any]], bool]
"""Whether the details of an audit line name somebody."""


def in_reason(words: Words) -> Names:
    """Of a line whose reason has one of the words: ids in other details are of other things."""
    return lambda details: words.are_in(details.get("reason"))


async def find_lines(
    connection: AsyncConnection, words: Words, names: Names, after: int | None = None
) -> Lines:
    """Of the audit lines behind number `after`, those with a word anywhere that name somebody.

    None says what was erased: such a line stays.
    """
    first, last = (await connection.execute(_LINES_UNTIL)).one()
    start, until = first or 0, last or 0
    found: list[int] = []
    for begin in range(start if after is None else after, until, _IN_A_PART):
        part = {"after": begin, "until": min(begin + _IN_A_PART, until), "loosely": words.loosely}
        rows = (await connection.execute(_LINES, part)).all()
        found += await asyncio.to_thread(
            lambda rows: [row.seq for row in rows if names(_document(row.details))], rows
        )
    return Lines(found, until)


async def erase_lines(
    connection: AsyncConnection, words: Words, names: Names, found: Lines
) -> Sequence[int]:
    """Take the details from the lines that were found, and from later ones; their numbers.

    Nobody adds lines until this transaction ends.
    """
    await audit_trail.lock(connection)
    later = await find_lines(connection, words, names, found.until)
    lines = [*found.numbers, *later.numbers]
    await audit_trail.erase(connection, lines)
    return lines


async def _find_rows(
    connection: AsyncConnection, rows: Table, columns: Mapping[str, Set[str]], words: Words
) -> Sequence[Row[Any]]:
    key = list(rows.primary_key)
    # As the text of JSON, which a column of any type has.
    named = (cast(func.to_jsonb(rows.c[name]), Text).op("~*")(words.loosely) for name in columns)
    query = select(*key, *(rows.c[name] for name in columns)).where(or_(*named))
    found = await _in_parts(connection, rows, query)
    return await asyncio.to_thread(lambda: [row for row in found if _changes(row, columns, words)])


async def _remove_from(
    connection: AsyncConnection,
    rows: Table,
    columns: Mapping[str, Set[str]],
    words: Words,
    found: Sequence[Row[Any]],
) -> int:
    changed = 0
    for one in found:
        same = [column == one._mapping[column.name] for column in rows.primary_key]
        query = select(*(rows.c[name] for name in columns)).where(*same).with_for_update()
        row = (await connection.execute(query)).one_or_none()
        if row is not None and (after := _changes(row, columns, words)):
            await connection.execute(update(rows).where(*same).values(after))
            changed += 1
    return changed


def _changes(row: Row[Any], columns: Mapping[str, Set[str]], words: Words) -> dict[str, Any]:
    """What is to be written to this row; empty if it names nobody."""
    before = {name: row._mapping[name] for name in columns}
    after = {name: words.removed(before[name], keys) for name, keys in columns.items()}
    return {name: value for name, value in after.items() if value != before[name]}


async def _in_parts(
    connection: AsyncConnection, rows: Table, query: Select[Any]
) -> Sequence[Row[Any]]:
    """What a query of one table finds, in the order of the key, part by part."""
    key = list(rows.primary_key)
    found: list[Row[Any]] = []
    behind: list[ColumnElement[bool]] = []
    while True:
        ends = select(*key).where(*behind).order_by(*key).offset(_IN_A_PART - 1).limit(1)
        end = (await connection.execute(ends)).one_or_none()
        within = [*behind, tuple_(*key) <= tuple_(*end)] if end else behind
        found += (await connection.execute(query.where(*within).order_by(*key))).all()
        if end is None:
            return found
        behind = [tuple_(*key) > tuple_(*end)]


def _answer(row: Row[Any]) -> Any:
    return None if row.body is None else json.loads(row.body)


def _document(details: str) -> Mapping[str, Any]:
    """Empty if somebody wrote a line that is no JSON object: it has no reason."""
    try:
        document = json.loads(details)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
