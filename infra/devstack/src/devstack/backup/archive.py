"""A folder of backups: base copies of a PostgreSQL cluster, its write-ahead log, Kafka's offsets.

base-20261130T143000Z/   a copy, checked against its own manifest; origin.json says of what
wal/                     every segment since the first copy; the newest ends in .partial
offsets.jsonl            how far each consumer group was, every few seconds
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import asyncpg

from devstack.backup import manifest
from devstack.files import read_json, write_atomically
from devstack.options import StackError
from devstack.servers.postgres_cluster import binaries, run_program

SLOT = "um_backup"
SEGMENT_SECONDS = 60.0
"""So long reading one segment (16 MB) may take."""
_ORIGIN = "origin.json"
_STAMP = "%Y%m%dT%H%M%SZ"
_SEGMENT = re.compile(r"[0-9A-F]{24}(\.partial)?")
_COMMITTED = re.compile(r"desc: COMMIT (\S+ \S+) UTC")


@dataclass(frozen=True)
class Origin:
    """Where a base copy comes from. `ended_at`: earlier moments cannot be restored from it."""

    region: str
    version: int
    ended_at: str

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.ended_at)


@dataclass(frozen=True)
class Archive:
    """The folder."""

    folder: Path

    @property
    def wal(self) -> Path:
        return self.folder / "wal"

    @property
    def offsets(self) -> Path:
        return self.folder / "offsets.jsonl"

    def receiver(self, dsn: str) -> tuple[list[str], dict[str, str]]:
        """The command that writes the log as it is made, until it is ended, and its environment.

        A slot keeps what it has not received yet. Raises StackError when there can be none.
        """
        self.wal.mkdir(parents=True, exist_ok=True, mode=0o700)
        place, env = _login(dsn)
        command = (str(binaries() / "pg_receivewal"), "-d", place, "-D", str(self.wal), "-S", SLOT)
        run_program((*command, "--create-slot", "--if-not-exists"), env=env)
        return [*command, "--synchronous", "--no-password"], env

    async def copy(self, dsn: str, region: str) -> Path:
        """Make a base copy. Raises StackError, or OSError when PostgreSQL does not answer."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        target = self.folder / f"base-{datetime.now(UTC).strftime(_STAMP)}"
        program = str(binaries() / "pg_basebackup")
        with tempfile.TemporaryDirectory(dir=self.folder, prefix=".unfinished-") as scratch:
            unfinished = Path(scratch) / target.name
            unfinished.mkdir()
            options = ("--checkpoint=fast", "--manifest-checksums=SHA256")
            place, env = _login(dsn)
            command = (program, "-d", place, "-D", str(unfinished / "base"), *options)
            run_program(command, seconds=3600, env=env)
            connection = await asyncpg.connect(dsn)
            try:
                version, now = await connection.fetchrow(
                    "select current_setting('server_version_num')::int / 10000, now()"
                )
            finally:
                await connection.close()
            origin = Origin(region, version, now.isoformat())
            write_atomically(unfinished / _ORIGIN, json.dumps(asdict(origin)))
            os.rename(unfinished, target)
        return target

    def base(self, at: datetime | None, region: str) -> Path:
        """The newest whole copy from before `at`. Raises StackError when there is none to use."""
        if not self.folder.is_dir():
            raise StackError(f"there is no folder {self.folder}")
        bases = {folder: _origin(folder) for folder in sorted(self.folder.glob("base-*"))}
        foreign = {origin.region for origin in bases.values()} - {region}
        if foreign:
            raise StackError(
                f"{self.folder} is a backup of the region {', '.join(sorted(foreign))}, "
                f"not of {region}: nothing was restored"
            )
        usable = [folder for folder, origin in bases.items() if at is None or origin.at <= at]
        if not usable:
            first = min((origin.at for origin in bases.values()), default=None)
            raise StackError(
                f"{self.folder} has no base copy from before {at}"
                + (f": the first is from {first}" if first else "")
            )
        _check(usable[-1], bases[usable[-1]])
        return usable[-1] / "base"

    def last_commit(self) -> datetime:
        """The time of the last transaction in the log.

        Raises StackError when there is none, or when a segment cannot be read in time.
        """
        for segment in sorted(self.wal.iterdir(), reverse=True):
            if not _SEGMENT.fullmatch(segment.name):
                continue
            with tempfile.TemporaryDirectory() as scratch:
                whole = Path(scratch) / segment.name.removesuffix(".partial")
                shutil.copyfile(segment, whole)
                command = (str(binaries() / "pg_waldump"), "--rmgr=Transaction", str(whole))
                said = _dumped(command)
            if found := _COMMITTED.findall(said):
                return datetime.fromisoformat(found[-1]).replace(tzinfo=UTC)
        raise StackError(f"{self.wal} has no transaction: is the log archived?")


def _dumped(command: Sequence[str]) -> str:
    """What it says. It ends with an error where the log ends, in the middle of a segment."""
    try:
        return subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, timeout=SEGMENT_SECONDS
        ).stdout
    except subprocess.TimeoutExpired as error:
        raise StackError(f"{command[0]} has not ended after {SEGMENT_SECONDS:.0f} s") from error


def _login(dsn: str) -> tuple[str, dict[str, str]]:
    """The DSN without its password, and an environment with it: others see command lines."""
    parts = urlsplit(dsn)
    login, _, place = parts.netloc.rpartition("@")
    user = login.partition(":")[0]
    bare = parts._replace(netloc=f"{user}@{place}" if user else place).geturl()
    password = {"PGPASSWORD": unquote(parts.password)} if parts.password else {}
    return bare, {**os.environ, **password}


def _origin(folder: Path) -> Origin:
    try:
        return Origin(**read_json(folder / _ORIGIN))
    except (TypeError, ValueError) as error:
        raise StackError(f"{folder / _ORIGIN} is missing or damaged: not a backup") from error


def _check(folder: Path, origin: Origin) -> None:
    """Raises StackError if the copy is not whole, or of a version that cannot be started here."""
    said = subprocess.run(  # noqa: S603
        (str(binaries() / "postgres"), "--version"), capture_output=True, text=True, check=True
    ).stdout
    ours = int(said.split()[-1].split(".")[0])
    if ours != origin.version:
        raise StackError(f"{folder} is of PostgreSQL {origin.version}, and this is {ours}")
    manifest.check(folder / "base")
