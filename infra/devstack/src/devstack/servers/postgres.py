"""PostgreSQL from the wheel, on TCP and loopback with passwords, and the services' databases.

Each service has a database, an owner role for migrations and a role per process that may only read
and write rows; nothing is granted to PUBLIC.
"""

from pathlib import Path
from signal import SIGINT
from urllib.parse import urlsplit

import asyncpg

from devstack import probes
from devstack.options import ROLES, SERVICES
from devstack.processes import ProcessSpec
from devstack.servers import Server
from devstack.servers.postgres_cluster import Cluster, grants

WORK_OF_ALL = ("relay",)
WORK = {"assessment": ("relay", "release"), "portal": ()}
"""What a process takes a role for, beside its own."""


def server(data: Path, port: int, secrets: dict[str, str]) -> Server:
    """PostgreSQL on `port`, its files below `data`; `secrets` holds every role's password."""
    dsn = f"postgresql://postgres:{secrets['postgres']}@127.0.0.1:{port}/postgres"
    cluster = Cluster(data, secrets["postgres"])
    settings = (
        *("listen_addresses=127.0.0.1", "unix_socket_directories=", "jit=off"),
        *("timezone=UTC", "max_connections=300", "shared_buffers=128MB"),
    )
    spec = ProcessSpec(
        name="postgres",
        argv=(
            *(*cluster.program("postgres"), "-D", str(cluster.path), "-p", str(port)),
            *(part for setting in settings for part in ("-c", setting)),
        ),
        probe=probes.postgres(dsn),
        url=f"127.0.0.1:{port}",
        stop_signal=SIGINT,  # PostgreSQL's fast shutdown; SIGTERM would wait for every client
        before=cluster.prepare,
        user=cluster.user,
    )
    return described(dsn, secrets, spec, cluster)


def described(
    dsn: str,
    secrets: dict[str, str],
    spec: ProcessSpec | None = None,
    cluster: Cluster | None = None,
) -> Server:
    """The server behind an administrator's `dsn`, wherever it runs, with the services' DSNs."""
    place = urlsplit(dsn).netloc.rpartition("@")[2]
    env = {"POSTGRES_ADMIN_DSN": dsn}
    for service in SERVICES:
        for role in ("owner", *ROLES[service]):
            password = secrets[f"{service}_{role}"]
            url = f"postgresql://{service}_{role}:{password}@{place}/{service}"
            env[f"{service.upper()}_{role.upper()}_DATABASE_URL"] = url
    return Server("postgres", env, spec, lambda: create_databases(dsn, secrets), cluster)


async def create_databases(admin_dsn: str, secrets: dict[str, str]) -> None:
    """Create what is missing of the databases and roles; safe to repeat."""
    connection = await asyncpg.connect(admin_dsn)
    try:
        for service in SERVICES:
            for role in (f"{service}_{name}" for name in ("owner", *ROLES[service])):
                if not await connection.fetchval(
                    "select true from pg_roles where rolname=$1", role
                ):
                    await connection.execute(f'create role "{role}" login')
                # The password is URL-safe base64 of our own making: it holds no quote.
                await connection.execute(f"alter role \"{role}\" password '{secrets[role]}'")
            known = "select true from pg_database where datname = $1"
            if not await connection.fetchval(known, service):
                await connection.execute(f'create database "{service}" owner "{service}_owner"')
        await connection.execute("revoke all on database postgres from public")
    finally:
        await connection.close()
    for service in SERVICES:
        path = f"/{service}"
        connection = await asyncpg.connect(urlsplit(admin_dsn)._replace(path=path).geturl())
        try:
            roles = (*ROLES[service], *WORK.get(service, WORK_OF_ALL))
            await connection.execute(grants(service, roles))
        finally:
            await connection.close()
