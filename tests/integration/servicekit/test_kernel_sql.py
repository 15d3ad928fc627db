"""servicekit's tables: made by the owner role through Alembic, used by the app role."""

import asyncpg
import pytest

from servicekit.settings import Database


@pytest.fixture
async def app(database: Database):
    connection = await asyncpg.connect(database.dsn.get_secret_value())
    yield connection
    await connection.close()


async def test_the_app_role_makes_tomorrows_partitions_and_drops_old_ones(app):
    await app.execute("select outbox_maintain_partitions(3, 30)")
    await app.execute("select outbox_maintain_partitions(3, 30)")  # Repeating is harmless.
    partitions = await app.fetch("select relname from pg_class where relname ~ '^outbox_[0-9]{8}$'")
    assert len(partitions) == 3
    await app.execute("select outbox_maintain_partitions(1, -2)")  # Kept: until the day after next.
    partitions = await app.fetch("select relname from pg_class where relname ~ '^outbox_[0-9]{8}$'")
    assert len(partitions) == 2


async def test_a_partition_with_unpublished_rows_is_kept(app):
    await app.execute("select outbox_maintain_partitions(1, 30)")
    await app.execute(
        "insert into outbox (created_on, event_id, type, topic, key, payload, headers)"
        " values (current_date + 1, gen_random_uuid(), 't', 't', 'k', '', '{}')"
    )
    await app.execute("insert into outbox_pending select id, created_on from outbox")
    await app.execute("select outbox_maintain_partitions(0, -2)")
    assert await app.fetchval("select count(*) from outbox") == 1


@pytest.mark.parametrize(
    "statement",
    [
        "create table mine (id int)",
        "drop table inbox",
        "truncate outbox",
        "alter table outbox add column more int",
    ],
)
async def test_the_app_role_changes_no_tables(app, statement):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await app.execute(statement)
