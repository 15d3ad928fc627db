"""What is measured of a pool, on real PostgreSQL."""

import asyncio

import pytest
from prometheus_client import REGISTRY
from sqlalchemy.exc import TimeoutError as NoneFree

from servicekit.db import create_engine
from servicekit.settings import Database
from support.eventually import eventually


def seen(pool: str | None, name: str, **labels: str) -> float | None:
    found = {"db_client_connection_pool_name": pool or "", **labels}
    return REGISTRY.get_sample_value(f"db_client_connection_{name}", found)


def in_state(pool: str | None, state: str) -> float | None:
    return seen(pool, "count", db_client_connection_state=state)


async def test_who_uses_and_who_waits_for_a_connection(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = create_engine(database.model_copy(update={"pool_size": 2}))
    name = engine.url.database
    assert seen(name, "max") == 2
    async with engine.connect(), engine.connect():
        assert (in_state(name, "used"), in_state(name, "idle")) == (2, 0)
        waiting = asyncio.ensure_future(engine.connect().start())

        async def somebody_waits() -> bool:
            return seen(name, "pending_requests") == 1

        await eventually(somebody_waits)
        monkeypatch.setattr(engine.sync_engine.pool, "_timeout", 0.05)
        with pytest.raises(NoneFree):
            await engine.connect().start()
        assert seen(name, "timeouts_total") == 1
    connection = await waiting
    assert (in_state(name, "used"), in_state(name, "idle")) == (1, 1)
    assert seen(name, "pending_requests") == 0
    await connection.close()
    await engine.dispose()
    async with engine.connect():
        assert (in_state(name, "used"), seen(name, "pending_requests")) == (1, 0)
    await engine.dispose()
