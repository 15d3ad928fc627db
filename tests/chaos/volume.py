"""A folder on a small volume of its own, which can be full."""

import os
import shutil
import subprocess
from pathlib import Path

import asyncpg
import pytest

from devstack import Stack


class NotAllowed(Exception):
    """This user may not mount volumes; the text says why."""


class Volume:
    """The content of `folder`, in memory; nothing of it may be in use at that moment."""

    def __init__(self, folder: Path) -> None:
        """Raises NotAllowed."""
        if os.geteuid() != 0:
            raise NotAllowed("only root may mount volumes")
        self._folder, aside = folder, folder.with_name(f"{folder.name}-on-disk")
        folder.rename(aside)
        folder.mkdir()
        try:
            self._mount("-t", "tmpfs", "-o", "size=1g", "tmpfs")
        except NotAllowed:
            folder.rmdir()
            aside.rename(folder)
            raise
        try:
            shutil.copystat(aside, folder)
            os.chown(folder, aside.stat().st_uid, aside.stat().st_gid)
            subprocess.run(("cp", "-a", f"{aside}/.", str(folder)), check=True)
        except BaseException:
            self.release()
            raise

    def fill(self) -> None:
        """From now on not a byte more can be written."""
        used = os.statvfs(self._folder)
        size = (used.f_blocks - used.f_bfree) * used.f_frsize
        self._mount("-o", f"remount,size={size}")

    def extend(self) -> None:
        """There is space again, as after an operator has extended the volume."""
        self._mount("-o", "remount,size=1g")

    def back_to_disk(self) -> None:
        """The content as it is now, on disk again; nothing of it may be in use at that moment."""
        aside = self._folder.with_name(f"{self._folder.name}-on-disk")
        shutil.rmtree(aside)
        subprocess.run(("cp", "-a", str(self._folder), str(aside)), check=True)
        self.release()
        self._folder.rmdir()
        aside.rename(self._folder)

    def release(self) -> None:
        """Unmount it; what was on it is gone."""
        subprocess.run(("umount", "--lazy", str(self._folder)), check=True)

    def _mount(self, *options: str) -> None:
        command = ("mount", *options, str(self._folder))
        answer = subprocess.run(command, capture_output=True, text=True)
        if answer.returncode:
            raise NotAllowed(answer.stderr.strip())


def of_postgresql(stack: Stack, part: str) -> Volume:
    """A volume for a part of PostgreSQL's data, which must not run: `base` are the tables,
    `pg_wal` is its log. Skips the test where this user may not mount volumes."""
    try:
        return Volume(stack.directory / "data" / "postgres" / "cluster" / part)
    except NotAllowed as error:
        pytest.skip(f"volumes are not possible here: {error}")


async def write_much(stack: Stack) -> None:
    """Write to PostgreSQL's log until that is not possible, or is far more than it keeps."""
    try:
        connection = await asyncpg.connect(stack.env["POSTGRES_ADMIN_DSN"])
        for _ in range(50):
            await connection.execute(
                "select pg_logical_emit_message(false, 'chaos', repeat('x', 8000000))"
            )
        await connection.close()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return
