"""`python -m <service> replay --since ...`: publishes events of the outbox again, in id order.

Rows are put back among the pending ones, and the service's own relay sends them. They keep their
ids, so that the inbox of a consumer that has taken an event drops it.
"""

import argparse
import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg

from servicekit.outbox import OUTBOX_DAYS

_BATCH = 1_000
_MOST_PENDING = 10_000  # While more wait, as when Kafka is away, nothing is added.
_PAUSE_SECONDS = 0.5

# Dead letters are sent again by `servicekit.dead_letters`; here only if their topic is named. A
# row is kept by the day on which its transaction began, which may be the day before its own.
_CHOSEN = """
    from outbox o
    where created_on >= ($1::timestamptz at time zone 'utc')::date - 1
    and case when topic like '%.dlq'
        then topic = any($2::text[]) and coalesce((headers->>'dlq_time')::timestamptz >= $1, true)
        else (cardinality($2::text[]) = 0 or topic = any($2::text[]))
            and (headers->>'ce_time')::timestamptz >= $1
        end
"""
_PREVIEW = f"select topic, type, count(*) as events {_CHOSEN} group by 1, 2 order by 1, 2"
_ROWS = f"select id, created_on {_CHOSEN} order by id"
_PUT_BACK = """
    insert into outbox_pending (id, created_on)
    select * from unnest($1::bigint[], $2::date[]) on conflict do nothing
"""
_BEHIND = "select count(*) from (select from outbox_pending limit $1) p"


class CannotReplay(Exception):
    """The command is refused, with a reason for the operator; nothing was changed."""


@dataclass(frozen=True)
class Replay:
    """What to publish again, and how fast."""

    since: datetime
    topics: tuple[str, ...] = ()
    rate: int = 500
    dry_run: bool = False


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `replay`."""
    options = parser.add_argument_group("replay", "publish events of the outbox again")
    options.add_argument("--since", type=moment, metavar="TIME", help="ISO 8601; UTC if it is bare")
    options.add_argument(
        "--topic", action="append", default=[], help="only this topic (may be repeated)"
    )
    options.add_argument(
        "--rate", type=int, default=500, metavar="N", help="per second (default 500)"
    )
    options.add_argument("--dry-run", action="store_true", help="only show what would be sent")


def chosen(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> Replay:
    """The options as given. Ends the command if they make no sense."""
    if arguments.since is None:
        parser.error("replay: give --since")
    if arguments.rate < 1:
        parser.error("replay: --rate must be at least 1")
    return Replay(arguments.since, tuple(arguments.topic), arguments.rate, arguments.dry_run)


def moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


async def run(dsn: str, replay: Replay) -> int:
    """Print a preview, then put the rows back with a line of progress for each batch.

    Returns how many. Raises CannotReplay.
    """
    reader = await asyncpg.connect(dsn, timeout=5)
    try:
        await _refuse_what_is_not_there(reader, replay)
        total = await _preview(reader, replay)
        if replay.dry_run or not total:
            return 0
        writer = await asyncpg.connect(dsn, timeout=5)
        try:
            return await _put_back(reader, writer, replay, total)
        finally:
            await writer.close()
    finally:
        await reader.close()


async def _refuse_what_is_not_there(reader: asyncpg.Connection, replay: Replay) -> None:
    now = await reader.fetchval("select now()")
    if replay.since > now:
        raise CannotReplay(f"{replay.since} is in the future")
    oldest = now.date() - timedelta(days=OUTBOX_DAYS)
    if replay.since.astimezone(UTC).date() < oldest:
        raise CannotReplay(f"events are kept from {oldest} on; give that day, or a later one")


async def _preview(reader: asyncpg.Connection, replay: Replay) -> int:
    rows = await reader.fetch(_PREVIEW, replay.since, list(replay.topics))
    if missing := set(replay.topics) - {row["topic"] for row in rows}:
        raise CannotReplay(f"no events since {replay.since} on {', '.join(sorted(missing))}")
    for row in rows:
        print(f"{row['events']:>9}  {row['topic']}  {row['type']}")
    total: int = sum(row["events"] for row in rows)
    print(f"{total:>9}  events since {replay.since.isoformat()}", flush=True)
    return total


async def _put_back(
    reader: asyncpg.Connection, writer: asyncpg.Connection, replay: Replay, total: int
) -> int:
    size, done = min(replay.rate, _BATCH), 0
    async with reader.transaction(readonly=True):
        cursor = await reader.cursor(_ROWS, replay.since, list(replay.topics))
        while rows := await cursor.fetch(size):
            while await writer.fetchval(_BEHIND, _MOST_PENDING) == _MOST_PENDING:
                print("waiting for the relay", flush=True)
                await asyncio.sleep(_PAUSE_SECONDS)
            ids, days = [row["id"] for row in rows], [row["created_on"] for row in rows]
            await writer.execute(_PUT_BACK, ids, days)
            done += len(rows)
            print(f"{done} of {total} put back, up to id {ids[-1]}", flush=True)
            await asyncio.sleep(len(rows) / replay.rate)
    return done
