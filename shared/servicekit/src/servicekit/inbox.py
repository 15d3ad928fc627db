"""The inbox: which events have taken effect in a consumer. A redelivered event has no effect."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_CLAIM = text("""
    insert into inbox (consumer, event_id)
    select :consumer, unnest(cast(:event_ids as uuid[]))
    on conflict do nothing
    returning event_id
""")


async def claim(connection: AsyncConnection, consumer: str, event_ids: Sequence[UUID]) -> set[UUID]:
    """The ids of the events that have had no effect in this consumer before.

    Must run in the effect's own transaction: both are committed, or neither.
    """
    rows = await connection.execute(_CLAIM, {"consumer": consumer, "event_ids": list(event_ids)})
    return {row.event_id for row in rows}
