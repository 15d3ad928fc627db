"""The transactional outbox: an event is stored with the effect that caused it, or not at all."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts import Event
from contracts.envelope import TIME_HEADER, undated_headers
from servicekit.telemetry import current_traceparent

# The rows' ids follow the order of recording. Because an aggregate's events are written after its
# row is locked, its ids also follow the order of its commits. So does their time: the database's,
# of this statement and not of the transaction, which may have begun long before it had the lock.
_INSERT = text("""
    with recorded as (
        insert into outbox (event_id, type, topic, key, payload, headers)
        select event_id, type, topic, key, payload,
            headers::jsonb || jsonb_build_object(cast(:time_header as text), statement_timestamp())
        from unnest(
            cast(:event_ids as uuid[]), cast(:types as text[]), cast(:topics as text[]),
            cast(:keys as text[]), cast(:payloads as bytea[]), cast(:headers as text[])
        ) with ordinality as r(event_id, type, topic, key, payload, headers, position)
        order by position
        returning id, created_on
    )
    insert into outbox_pending (id, created_on) select id, created_on from recorded
""")

WAITING = """
    select (select count(*) from (select from outbox_pending limit 1000) p) as pending,
        coalesce(extract(epoch from now() - (
            select o.headers->>case when o.topic like '%.dlq' then 'dlq_time' else 'ce_time' end
            from (select id, created_on from outbox_pending order by id limit 1) p
            join outbox o using (created_on, id)
        )::timestamptz), 0)::float8 as age
"""
"""How many events wait, up to 1,000, and the age of the oldest (s). A dead letter and an event each
carry the time they were recorded."""
OUTBOX_DAYS = 30  # So long are events kept for a replay.
_MAX_EVENT_BYTES = 512 * 1024  # Kafka refuses a record of 1 MiB, and all behind it would wait.


async def write_raw(
    connection: AsyncConnection,
    rows: Sequence[tuple[UUID, str, str, str, bytes, dict[str, str]]],
    time_header: str,
) -> None:
    """Write (event id, type, topic, key, payload, headers) rows in the caller's transaction.

    Each row's `time_header` becomes the database's time.
    """
    columns = list(zip(*rows, strict=True))
    await connection.execute(
        _INSERT,
        {
            "event_ids": list(columns[0]),
            "types": list(columns[1]),
            "topics": list(columns[2]),
            "keys": list(columns[3]),
            "payloads": list(columns[4]),
            "headers": [json.dumps(headers) for headers in columns[5]],
            "time_header": time_header,
        },
    )


@dataclass(frozen=True)
class Recorded:
    """An event and the trace it was recorded in."""

    event: Event
    traceparent: str | None = field(default_factory=current_traceparent)


async def write(connection: AsyncConnection, recorded: Sequence[Recorded], source: str) -> None:
    """Write events in the caller's transaction, in the order they were recorded.

    Raises ValueError for an event that is too large to be published.
    """
    rows = []
    for event, traceparent in ((r.event, r.traceparent) for r in recorded):
        id_, data = uuid4(), event.model_dump_json().encode()
        if len(data) > _MAX_EVENT_BYTES:
            raise ValueError(f"{event.TYPE} has {len(data)} bytes; carry less in an event")
        headers = undated_headers(id_, event.TYPE, source, event.key, traceparent)
        rows.append((id_, event.TYPE, event.TOPIC, event.key, data, headers))
    await write_raw(connection, rows, TIME_HEADER)
