"""Sessions in PostgreSQL: the scenarios of the fake, and what is in the tables."""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from cryptography.fernet import Fernet
from pydantic import SecretStr, TypeAdapter
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from portal_service.adapters.sessions import SqlSessions
from portal_service.adapters.tables import Base
from portal_service.domain.session import Session, SignIn
from servicekit.db import create_engine
from servicekit.migrations import is_kernel
from servicekit.settings import Database
from unit.portal.builders import session, sign_in
from unit.portal.fakes import LIMITS, renamed
from unit.portal.port_scenarios import SCENARIOS, Scenario

OLD, NEW = (SecretStr(Fernet.generate_key().decode()) for _ in range(2))


def stored(engine: AsyncEngine, keys: Sequence[SecretStr] = (OLD,)) -> SqlSessions:
    return SqlSessions(engine, keys, LIMITS)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
async def test_sql_sessions(scenario: Scenario, engine: AsyncEngine) -> None:
    await scenario(stored(engine))


async def test_neither_keys_nor_tokens_nor_names_are_readable(engine: AsyncEngine) -> None:
    sessions = stored(engine)
    secret = [await sessions.open(session(await sessions.now()))]
    secret += ["platform-token", "provider-token", "refresh-1", "id-token", "Sample Person"]
    async with engine.connect() as connection:
        rows = [
            repr(tuple(row)) for row in await connection.execute(text("select * from sessions"))
        ]
    assert len(rows) == 1
    assert [one for one in secret for row in rows if one in row] == []


async def test_a_new_key_seals_and_the_old_one_still_opens(engine: AsyncEngine) -> None:
    before, both, after = (stored(engine, keys) for keys in ((OLD,), (NEW, OLD), (NEW,)))
    key = await before.open(session(await before.now()))
    assert await both.find(key)
    assert await after.find(key) is None, "its owner signs in again"
    new_key = await both.open(session(await both.now()))
    assert await before.find(new_key) is None
    assert await after.find(new_key)
    begun = await before.begin(sign_in())
    assert await after.begun(begun) is None


async def test_what_an_earlier_version_stored_is_no_session(engine: AsyncEngine) -> None:
    sessions = stored(engine)
    key = await sessions.open(session(await sessions.now()))
    sealed = Fernet(OLD.get_secret_value()).encrypt(b'{"name": "of another form"}')
    async with engine.begin() as connection:
        await connection.execute(text("update sessions set sealed = :s"), {"s": sealed})
    assert await sessions.find(key) is None


async def test_what_has_ended_is_removed(engine: AsyncEngine) -> None:
    sessions = stored(engine)
    now = await sessions.now()
    kept = await sessions.open(session(now))
    await sessions.open(session(now - LIMITS.idle))
    await sessions.remove_ended()
    async with engine.connect() as connection:
        count = text("select count(*) from sessions")
        assert (await connection.execute(count)).scalar_one() == 1
    assert await sessions.find(kept)


async def test_who_only_begins_to_sign_in_leaves_nothing(engine: AsyncEngine) -> None:
    await engine.dispose()
    closed = create_engine(Database(dsn=SecretStr("postgresql://nobody@127.0.0.1:1/none")))
    sessions = stored(closed)
    key = await sessions.begin(sign_in("/" + "x" * 999))
    assert len(key) < 3_000, "a cookie holds 4,096 bytes with its name and attributes"
    assert await sessions.begun(key) == sign_in("/" + "x" * 999)
    for word in ("verifier", "nonce", "state"):
        assert word not in key


async def test_a_sign_in_ends_after_a_quarter_of_an_hour(engine: AsyncEngine) -> None:
    sealed = TypeAdapter(SignIn).dump_json(sign_in())
    now = int(time.time())
    found = {
        minutes: await stored(engine).begun(
            Fernet(OLD.get_secret_value()).encrypt_at_time(sealed, now - minutes * 60).decode()
        )
        for minutes in (14, 16)
    }
    assert found == {14: sign_in(), 16: None}


async def test_two_processes_renew_one_after_the_other(
    engine: AsyncEngine, database: Database
) -> None:
    other = create_engine(database)
    first, second = stored(engine), stored(other)
    key = await first.open(session(await first.now(), name=""))
    seen = []

    async def slow(session: Session, now: datetime) -> Session:
        seen.append(session.name)
        await asyncio.sleep(0.1)
        return renamed(session, session.name + "x")

    await asyncio.gather(first.renew(key, slow), second.renew(key, slow))
    await other.dispose()
    assert seen == ["", "x"]


async def test_renewing_keeps_no_connection(database: Database) -> None:
    """The identity provider may take seconds: meanwhile others need the pool."""
    engine = create_engine(database.model_copy(update={"pool_size": 1}))
    sessions = stored(engine)
    key = await sessions.open(session(await sessions.now()))

    async def asks(session: Session, now: datetime) -> Session:
        await asyncio.wait_for(sessions.now(), 3)
        assert await sessions.find(key), "other requests of the session are served"
        return renamed(session, "Renamed")

    renewed = await sessions.renew(key, asks)
    await engine.dispose()
    assert renewed
    assert renewed.name == "Renamed"


async def test_a_process_that_died_while_renewing_is_waited_for_and_replaced(
    engine: AsyncEngine,
) -> None:
    sessions = stored(engine)
    key = await sessions.open(session(await sessions.now()))

    async def leased(until: str) -> None:
        async with engine.begin() as connection:
            lease = f"update sessions set renewed_until = now() + interval '{until}'"
            await connection.execute(text(lease))

    async def rename(session: Session, now: datetime) -> Session:
        return renamed(session, "Renamed")

    await leased("1 hour")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(sessions.renew(key, rename), 0.3)
    await leased("200 ms")
    renewed = await asyncio.wait_for(sessions.renew(key, rename), 5)
    assert renewed
    assert renewed.name == "Renamed"


async def test_a_session_that_was_closed_meanwhile_stays_closed(engine: AsyncEngine) -> None:
    sessions = stored(engine)
    key = await sessions.open(session(await sessions.now()))

    async def closing(session: Session, now: datetime) -> Session:
        await sessions.close(key)
        return renamed(session, "Renamed")

    assert await sessions.renew(key, closing) is None
    assert await sessions.find(key) is None


async def test_one_session_does_not_wait_for_another(engine: AsyncEngine) -> None:
    sessions = stored(engine)
    now = await sessions.now()
    one, other = await sessions.open(session(now)), await sessions.open(session(now))
    renewed = asyncio.Event()

    async def waits(session: Session, now: datetime) -> Session:
        await asyncio.wait_for(renewed.wait(), 5)
        return session

    async def quick(session: Session, now: datetime) -> Session:
        renewed.set()
        return session

    await asyncio.gather(sessions.renew(one, waits), sessions.renew(other, quick))


async def test_the_migrations_create_the_tables_of_the_code(engine: AsyncEngine) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_name": lambda name, kind, _: (
                    kind != "table" or not (is_kernel(name) or name == "alembic_version")
                ),
                "compare_server_default": True,
            },
        )
        return list(compare_metadata(context, Base.metadata))

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
