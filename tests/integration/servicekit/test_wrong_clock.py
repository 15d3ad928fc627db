"""A process whose clock is hours wrong: what it records and publishes has the true time."""

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from integration.servicekit.flow import counted, dead_letters, message, send
from integration.servicekit.test_relay_faults import nothing_pending
from servicekit.replay import CannotReplay, Replay, run
from support.apps import SampleUnitOfWork, running
from support.checker import header, read_topics
from support.clocks import wrong_clock
from support.eventually import eventually

HOURS = timedelta(hours=7)
MINUTE = timedelta(minutes=1)
BOTH = pytest.mark.parametrize("ahead", [HOURS, -HOURS], ids=["fast", "slow"])


def is_true(when: datetime) -> bool:
    """Whether it is about now; the test's own clock is right, and so are the servers'."""
    return abs(datetime.now(UTC) - when) < MINUTE


async def times(database) -> list[datetime]:
    """What the recorded events say, in their order."""
    connection = await asyncpg.connect(database.dsn.get_secret_value())
    try:
        rows = await connection.fetch("select headers->>'ce_time' as at from outbox order by id")
    finally:
        await connection.close()
    return [datetime.fromisoformat(row["at"]) for row in rows]


@BOTH
async def test_an_event_has_the_databases_time(engine, event, database, ahead):
    with wrong_clock(ahead):
        async with SampleUnitOfWork(engine, event) as uow:
            await uow.bump("a")
    [time] = await times(database)
    assert is_true(time)


async def test_who_waited_for_the_lock_has_the_later_time(engine, event, database):
    """Whichever transaction began first: by these times others put a pause and its end in order."""
    async with SampleUnitOfWork(engine, event) as waiting:
        began = await waiting.now()
        async with SampleUnitOfWork(engine, event) as quick:
            await quick.bump("a", "first")
        await waiting.bump("a", "second")
    first, second = await times(database)
    assert began < first < second


@BOTH
async def test_a_relay_publishes_and_kafka_keeps_records_by_its_own_clock(
    engine, event, database, relay, kafka, ahead
):
    """Seen red: Kafka refuses records of the future, and deletes those of a past too long ago."""
    async with SampleUnitOfWork(engine, event) as uow:
        await uow.bump("a")
    with wrong_clock(ahead):
        async with running(relay):
            await eventually(lambda: nothing_pending(database))
    [record] = await read_topics(kafka, event.TOPIC)
    assert is_true(datetime.fromisoformat(header(record, "ce_time") or ""))
    assert is_true(datetime.fromtimestamp(record.timestamp / 1000, UTC))


async def test_a_dead_letter_has_the_databases_time_and_keeps_the_events(
    event, flow, relay, producer, kafka
):
    async def fail(*_: object) -> None:
        raise ZeroDivisionError

    one = message(event, counted(1), time=datetime(2026, 1, 2, tzinfo=UTC))
    with wrong_clock(HOURS):
        async with running(relay), running(flow(fail)):
            await send(producer, event.TOPIC, one)
            [letter] = await dead_letters(kafka, flow.group, 1)
    assert is_true(datetime.fromisoformat(header(letter, "dlq_time") or ""))
    assert header(letter, "ce_time") == one.time.isoformat()


async def test_a_replay_knows_the_future_by_the_databases_clock(engine, event, database):
    async with SampleUnitOfWork(engine, event) as uow:
        await uow.bump("a")
        now = await uow.now()
    dsn = database.dsn.get_secret_value()
    with wrong_clock(-HOURS):
        assert await run(dsn, Replay(now - MINUTE)) == 1
    with wrong_clock(HOURS), pytest.raises(CannotReplay, match="is in the future"):
        await run(dsn, Replay(now + MINUTE))


async def test_an_event_recorded_after_midnight_by_a_transaction_from_before_is_replayed(
    engine, event, database
):
    async with SampleUnitOfWork(engine, event) as uow:
        await uow.bump("a")
        now = await uow.now()
    assert database.migration_dsn
    owner = await asyncpg.connect(database.migration_dsn.get_secret_value())
    await owner.execute("update outbox set created_on = created_on - 1")
    await owner.close()
    assert await run(database.dsn.get_secret_value(), Replay(now)) == 1
