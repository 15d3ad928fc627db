"""Restore a cluster to a point in time, and set down in it what a restore means for others."""

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from signal import SIGINT

import asyncpg
import psutil

from devstack.backup.archive import Archive
from devstack.backup.rows import Checksums, Connect, checksums
from devstack.options import StackError
from devstack.servers.postgres_cluster import binaries, not_root, open_for, run_program

_SECONDS = 3_600.0
QUARANTINE = (
    "insert into quarantine (since, reason) values (now(), $1)"
    " on conflict (single) do update set since = excluded.since, reason = excluded.reason"
)
_END_SESSIONS = "delete from sessions"


@dataclass(frozen=True)
class Restored:
    """What is in the cluster, before anything else was changed in it."""

    rows: Checksums
    seconds: float


async def restore(archive: Archive, pgdata: Path, region: str, at: datetime | None) -> Restored:
    """Make `pgdata` a cluster as it was at `at`, or at the end of the archive; it is not running.

    Mails and webhooks are held until an operator has looked, and whoever was signed in to the
    portal signs in again. Raises StackError: nothing is ever written over.
    """
    began = time.monotonic()
    _refuse_what_is_there(pgdata)
    base = archive.base(at, region)
    _copy(base, pgdata)
    try:
        async with _recovered(archive, pgdata, at) as connect:
            rows = await checksums(connect)
            await _set_down(connect, at)
        checking = _as_postgres("pg_checksums", "--check", "-D", str(pgdata))
        run_program(checking, _user(), seconds=_SECONDS)
    except BaseException:
        shutil.rmtree(pgdata, ignore_errors=True)
        raise
    return Restored(rows, time.monotonic() - began)


def _refuse_what_is_there(pgdata: Path) -> None:
    try:
        first_line = (pgdata / "postmaster.pid").read_text(encoding="utf-8").partition("\n")[0]
        if psutil.pid_exists(int(first_line)):
            raise StackError(
                f"PostgreSQL runs on {pgdata} (process {first_line}): stop the platform first"
            )
    except FileNotFoundError:
        pass
    if pgdata.exists() and any(pgdata.iterdir()):
        raise StackError(f"{pgdata} is not empty: move it away first, nothing is written over")


def _copy(base: Path, pgdata: Path) -> None:
    pgdata.parent.mkdir(parents=True, exist_ok=True)
    if pgdata.exists():
        pgdata.rmdir()
    run_program(("cp", "-R", str(base), str(pgdata)), seconds=_SECONDS)
    pgdata.chmod(0o700)
    if (user := _user()) is not None:
        open_for(user, pgdata.parent)
        for path in (pgdata, *pgdata.rglob("*")):
            os.chown(path, user, user)


def _user() -> int | None:
    return not_root()[1]


def _as_postgres(program: str, *arguments: str) -> tuple[str, ...]:
    return (*not_root()[0], str(binaries() / program), *arguments)


@asynccontextmanager
async def _recovered(archive: Archive, pgdata: Path, at: datetime | None) -> AsyncIterator[Connect]:
    """The cluster while it runs for us alone, recovered; yields how to connect to a database."""
    (pgdata / "recovery.signal").touch()
    with tempfile.TemporaryDirectory(prefix="um-restore-") as scratch:
        user, place = _user(), Path(scratch)
        if user is not None:
            os.chown(place, user, user)
            os.chown(pgdata / "recovery.signal", user, user)
        (place / "hba.conf").write_text("local all all trust\n", encoding="utf-8")
        (place / "hba.conf").chmod(0o644)
        newest = f"{archive.wal}/%f"
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": scratch,
            "hba_file": f"{scratch}/hba.conf",
            "max_connections": "300",
            "restore_command": f"cp {newest} %p || cp {newest}.partial %p",
            "recovery_target_action": "promote",
            **({"recovery_target_time": at.isoformat()} if at else {}),
        }
        options = [part for pair in settings.items() for part in ("-c", "=".join(pair))]
        with (place / "log").open("wb") as log:
            server = await asyncio.create_subprocess_exec(
                *_as_postgres("postgres", "-D", str(pgdata), *options),
                cwd="/",
                stdout=log,
                stderr=log,
                user=user,
                group=user,
                extra_groups=None if user is None else [],
            )
        try:

            async def connect(database: str) -> asyncpg.Connection:
                return await asyncpg.connect(host=scratch, user="postgres", database=database)

            await _until_recovered(server, connect, place / "log", at)
            yield connect
        finally:
            if server.returncode is None:
                server.send_signal(SIGINT)
            await server.wait()


async def _until_recovered(
    server: asyncio.subprocess.Process, connect: Connect, log: Path, at: datetime | None
) -> None:
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until:
        if server.returncode is not None:
            said = await asyncio.to_thread(log.read_text, encoding="utf-8", errors="replace")
            if "recovery ended before configured recovery target was reached" in said:
                raise StackError(f"the archive ends before {at}: choose an earlier moment")
            raise StackError(f"PostgreSQL does not recover: {said[-800:]}")
        try:
            connection = await connect("postgres")
        except (OSError, asyncpg.PostgresError):
            await asyncio.sleep(0.1)
            continue
        try:
            if not await connection.fetchval("select pg_is_in_recovery()"):
                return
        finally:
            await connection.close()
        await asyncio.sleep(0.1)
    raise StackError(f"PostgreSQL has not recovered after {_SECONDS:.0f} s")


async def _set_down(connect: Connect, at: datetime | None) -> None:
    """Hold what would be sent, and end the portal's sessions; where there are such databases."""
    reason = f"restored to {at.isoformat() if at else 'the end of the archive'}"
    for database, table, statement, arguments in (
        ("notification", "quarantine", QUARANTINE, (reason,)),
        ("portal", "sessions", _END_SESSIONS, ()),
    ):
        try:
            connection = await connect(database)
        except asyncpg.InvalidCatalogNameError:
            continue
        try:
            if await connection.fetchval("select to_regclass($1)", table):
                await connection.execute(statement, *arguments)
        finally:
            await connection.close()
