"""The unit of work keeps effect, events and inbox row together: all, or none."""

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from servicekit.settings import Database
from support.apps import CounterBumped, SampleUnitOfWork


async def rows(database: Database, table: str) -> int:
    connection = await asyncpg.connect(database.dsn.get_secret_value())
    try:
        count: int = await connection.fetchval(f"select count(*) from {table}")
        return count
    finally:
        await connection.close()


async def test_a_clean_exit_commits_the_effect_and_its_events(engine, event, database):
    async with SampleUnitOfWork(engine, event) as uow:
        await uow.bump("a")
        await uow.bump("a")
    assert await rows(database, "counters") == 1
    assert await rows(database, "outbox") == await rows(database, "outbox_pending") == 2


async def test_an_exception_leaves_nothing(engine: AsyncEngine, event, database):
    async def fail_late() -> None:
        async with SampleUnitOfWork(engine, event) as uow:
            await uow.bump("a")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_late()
    for table in ("counters", "outbox", "outbox_pending"):
        assert await rows(database, table) == 0


async def test_an_event_is_stored_as_cloudevent_in_the_order_of_recording(
    engine, event: type[CounterBumped], database
):
    async with SampleUnitOfWork(engine, event) as uow:
        for _ in range(50):
            await uow.bump("a", "å")
    connection = await asyncpg.connect(database.dsn.get_secret_value())
    stored = await connection.fetch("select * from outbox order by id")
    await connection.close()
    versions = [event.model_validate_json(row["payload"]).version for row in stored]
    assert versions == list(range(1, 51))
    assert {row["topic"] for row in stored} == {event.TOPIC}
    assert {row["key"] for row in stored} == {"a"}
    assert '"ce_id"' in stored[0]["headers"]
