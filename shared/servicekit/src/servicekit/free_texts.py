"""Free texts that a service stores, and taking somebody's name out of them, in PostgreSQL."""

import json
from collections.abc import Mapping, Sequence, Set
from typing import Any

from sqlalchemy import Table, Text, cast, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from servicekit import audit_trail
from servicekit.db import table
from servicekit.naming import Words

WHOLE: frozenset[str] = frozenset()
"""Of a column that is one free text."""
FreeTexts = Mapping[type[SQLModel], Mapping[str, Set[str]]]
"""The tables with free texts, in the order in which they are locked; their columns; and under which
keys of a column's documents the free texts are, at any depth, or WHOLE.

Whoever changes a row that another row's lock protects has to come after the table of that lock.
"""
_PATIENCE = text("set local lock_timeout = '2s'")  # Whoever comes after it waits behind it.
_KEYS = text("""
    select caller, key, convert_from(body, 'UTF8') as body from idempotency_keys
    where key ~* :loosely or convert_from(body, 'UTF8') ~* :loosely
    for update
""")
_FORGET_KEY = text("delete from idempotency_keys where caller = :caller and key = :key")
_EMPTY_ANSWER = text("""
    update idempotency_keys set body = null where caller = :caller and key = :key
""")
_LINES = text("select seq, details from audit_lines where details ~* :loosely order by seq")


async def remove_words(
    connection: AsyncConnection, texts: FreeTexts, words: Words
) -> dict[str, int]:
    """Take the words out of all free texts; how many rows changed, by table.

    Nobody else writes to these tables until this transaction ends: whoever has read a text would
    write it back. Raises DBAPIError if that takes longer than two seconds: try again later.
    """
    await connection.execute(_PATIENCE)
    tables = ", ".join(f'"{table(row).name}"' for row in texts)
    await connection.execute(text(f"lock table {tables} in exclusive mode"))
    return {
        table(row).name: await _remove_from(connection, table(row), columns, words)
        for row, columns in texts.items()
    }


async def _remove_from(
    connection: AsyncConnection, rows: Table, columns: Mapping[str, Set[str]], words: Words
) -> int:
    key = list(rows.primary_key)
    # As the text of JSON, which a column of any type has.
    named = (cast(func.to_jsonb(rows.c[name]), Text).op("~*")(words.loosely) for name in columns)
    found = await connection.execute(
        select(*key, *(rows.c[name] for name in columns)).where(or_(*named))
    )
    changed = 0
    for row in found.mappings().all():
        before = {name: row[name] for name in columns}
        after = {name: words.removed(before[name], keys) for name, keys in columns.items()}
        if after != before:
            same = (column == row[column.name] for column in key)
            await connection.execute(update(rows).where(*same).values(after))
            changed += 1
    return changed


async def forget_answers(connection: AsyncConnection, words: Words) -> int:
    """Empty the stored answers that have one of the words, and delete keys that do; how many."""
    changed = 0
    found = await connection.execute(_KEYS, {"loosely": words.loosely})
    for row in found.mappings().all():
        which = {"caller": row["caller"], "key": row["key"]}
        if words.are_in(row["key"]):
            await connection.execute(_FORGET_KEY, which)
        elif row["body"] is not None and words.are_in(json.loads(row["body"])):
            await connection.execute(_EMPTY_ANSWER, which)
        else:
            continue
        changed += 1
    return changed


async def erase_lines(connection: AsyncConnection, words: Words) -> Sequence[int]:
    """Take the details from audit lines that have one of the words; the lines' numbers."""
    await audit_trail.lock(connection)
    found = await connection.execute(_LINES, {"loosely": words.loosely})
    lines = [row.seq for row in found if words.are_in(_document(row.details))]
    await audit_trail.erase(connection, lines)
    return lines


def _document(details: str) -> Any:
    """What a line has, also if somebody wrote one that is no JSON."""
    try:
        return json.loads(details)
    except ValueError:
        return details
