"""Finds texts anywhere in databases and topics."""

from collections.abc import Collection

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient

from support.checker import read_topics

_TABLES = """
    select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema')
    order by 1
"""


async def tables_with(dsn: str, words: Collection[str]) -> set[tuple[str, str]]:
    """(table, word) wherever a value holds the word, in any case; bytes are read as UTF-8."""
    connection = await asyncpg.connect(dsn)
    found = set()
    try:
        for (table,) in await connection.fetch(_TABLES):
            for row in await connection.fetch(f"select * from {table}"):
                text = " ".join(map(_text, row.values())).casefold()
                found |= {(table, word) for word in words if word.casefold() in text}
    finally:
        await connection.close()
    return found


async def topics_with(bootstrap: str, words: Collection[str]) -> set[tuple[str, str]]:
    """(topic, word) wherever a record's key, value or header holds the word, in any case."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        topics = [name for name in await admin.list_topics() if not name.startswith("__")]
    finally:
        await admin.close()
    found, records = set(), await read_topics(bootstrap, *topics)
    for record in records:
        text = " ".join(map(_text, (record.key, record.value, record.headers))).casefold()
        found |= {(record.topic, word) for word in words if word.casefold() in text}
    assert records, "nothing was searched"
    return found


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if isinstance(value, tuple | list):
        return " ".join(map(_text, value))
    return str(value)
