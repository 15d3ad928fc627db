"""A PostgreSQL cluster that is a copy of another: its databases, and its own password."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from devstack.credentials import load_secrets
from devstack.options import Layout
from devstack.ports import choose_ports
from devstack.processes import end, spawn
from devstack.servers import postgres
from devstack.servers.postgres_cluster import Cluster
from support.eventually import eventually


@asynccontextmanager
async def running(root: Path) -> AsyncIterator[tuple[Cluster, str]]:
    """The cluster of a stack in `root`, while its server runs, and the administrator's DSN."""
    layout = Layout(root)
    port = choose_ports(["postgres"], layout.ports)["postgres"]
    server = postgres.server(layout.data / "postgres", port, load_secrets(layout))
    assert server.cluster
    assert server.spec
    assert server.spec.before
    assert server.spec.probe
    server.spec.before()
    probe, process = server.spec.probe, await spawn(server.spec, root, layout.log("postgres"))

    async def ready() -> bool:
        assert await probe()
        return True

    try:
        await eventually(ready)
        yield server.cluster, server.env["POSTGRES_ADMIN_DSN"]
    finally:
        await end(process, server.spec)


async def one(dsn: str, statement: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_a_new_stack_begins_with_the_databases_of_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    async with running(tmp_path / "first") as (cluster, first_dsn):
        assert cluster.is_new
        assert not cluster.is_copied
        await one(first_dsn, "create table migrated (id int)")
        cluster.keep(first_dsn)
        await one(first_dsn, "insert into migrated values (1)")
    async with running(tmp_path / "second") as (cluster, dsn):
        assert cluster.is_copied
        assert not cluster.is_new
        assert await one(dsn, "select count(*) from migrated") == 0
        password = first_dsn.split(":")[2].partition("@")[0]
        others = dsn.replace(dsn.split(":")[2].partition("@")[0], password)
        with pytest.raises(asyncpg.InvalidPasswordError):
            await one(others, "select 1")
    async with running(tmp_path / "second") as (cluster, _):
        assert (cluster.is_new, cluster.is_copied) == (False, False)
