"""servicekit's own tables stay bounded, and maintaining them stops nobody."""

import asyncio

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError

from servicekit.maintenance import IDEMPOTENCY_KEY_DAYS, INBOX_DAYS, maintain
from servicekit.relay import Relay
from support.apps import SampleUnitOfWork, running
from support.checker import read_topics
from support.eventually import eventually


@pytest.fixture
async def app(database):
    connection = await asyncpg.connect(database.dsn.get_secret_value())
    yield connection
    await connection.close()


async def waits_for_a_lock(connection: asyncpg.Connection) -> bool:
    found: bool = await connection.fetchval(
        "select exists (select from pg_locks where not granted)"
    )
    return found


async def test_what_is_past_its_days_is_deleted_and_nothing_else(app, engine):
    await app.execute(
        "insert into inbox (consumer, event_id, received_on)"
        " select 'old', gen_random_uuid(), current_date - $1::int from generate_series(1, 12000)",
        INBOX_DAYS + 1,
    )
    await app.execute(
        "insert into inbox (consumer, event_id, received_on)"
        " values ('young', gen_random_uuid(), current_date - $1::int)",
        INBOX_DAYS,
    )
    for key, days in (("old", IDEMPOTENCY_KEY_DAYS + 1), ("young", IDEMPOTENCY_KEY_DAYS - 1)):
        await app.execute(
            "insert into idempotency_keys (caller, key, fingerprint, created_at)"
            " values ('a', $1, '', now() - make_interval(days => $2))",
            key,
            days,
        )
    await maintain(engine)
    assert await app.fetchval("select array_agg(consumer) from inbox") == ["young"]
    assert await app.fetchval("select array_agg(key) from idempotency_keys") == ["young"]


async def test_partitions_are_there_a_week_ahead(app, engine):
    await maintain(engine)
    partitions = "select count(*) from pg_class where relname ~ '^outbox_[0-9]{8}$'"
    assert await app.fetchval(partitions) == 7


async def test_a_locked_outbox_stops_neither_writers_nor_the_relay(
    app, engine, event, database, kafka_settings
):
    """As a backup locks it: everybody may read and write, nobody may change the table."""

    async def published() -> bool:
        return len(await read_topics(kafka_settings.bootstrap_servers, event.TOPIC)) == 1

    async with app.transaction():
        await app.execute("lock table outbox in access share mode")
        maintaining = asyncio.create_task(maintain(engine))
        await eventually(lambda: waits_for_a_lock(app))
        async with running(Relay(database.dsn.get_secret_value(), kafka_settings)):
            async with SampleUnitOfWork(engine, event) as uow:
                await uow.bump("a")
            await eventually(published, within=10)
        with pytest.raises(DBAPIError, match="lock timeout"):
            await maintaining
