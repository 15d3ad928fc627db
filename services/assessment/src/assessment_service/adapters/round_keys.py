"""The rounds' secrets as files in a folder outside the database: one file of 64 bytes per round,
readable by the service's own user only, overwritten and removed when the round is released.

Overwriting is what a program can do; a copy-on-write file system or a snapshot may keep old
blocks. Leave the folder out of backups, or keep their encryption key for no longer than rounds.
"""

import asyncio
import os
import secrets
from contextlib import suppress
from pathlib import Path
from uuid import UUID, uuid4

from assessment_service.application.ports import UnreadableRoundError
from assessment_service.domain.participation import RoundSecrets

_SECRET_BYTES = 32
_FILE_BYTES = 2 * _SECRET_BYTES


class FolderRoundKeys:
    """The port `RoundKeys` on a folder that api and worker processes share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def create(self, round_id: UUID) -> None:
        await asyncio.to_thread(self._create, round_id)

    async def read(self, round_id: UUID) -> RoundSecrets:
        return await asyncio.to_thread(self._read, round_id)

    async def any(self) -> bool:
        return await asyncio.to_thread(lambda: any(self._folder.glob("*.key")))

    async def destroy(self, round_id: UUID) -> None:
        await asyncio.to_thread(self._destroy, round_id)

    def _create(self, round_id: UUID) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        complete = self._folder / f".{uuid4()}.new"
        _write_synced(complete, secrets.token_bytes(_FILE_BYTES), os.O_CREAT | os.O_EXCL)
        try:
            # A link appears whole or not at all, and never replaces secrets that exist.
            with suppress(FileExistsError):
                self._path(round_id).hardlink_to(complete)
        finally:
            complete.unlink()
        _sync_folder(self._folder)

    def _read(self, round_id: UUID) -> RoundSecrets:
        try:
            content = self._path(round_id).read_bytes()
        except FileNotFoundError as error:
            raise UnreadableRoundError(f"the secrets of round {round_id} are missing") from error
        if len(content) != _FILE_BYTES:
            raise UnreadableRoundError(f"the secrets of round {round_id} are damaged")
        return RoundSecrets(content[:_SECRET_BYTES], content[_SECRET_BYTES:])

    def _destroy(self, round_id: UUID) -> None:
        path = self._path(round_id)
        with suppress(FileNotFoundError):
            _write_synced(path, secrets.token_bytes(_FILE_BYTES), 0)
            path.unlink()
            _sync_folder(self._folder)

    def _path(self, round_id: UUID) -> Path:
        return self._folder / f"{round_id}.key"


def _write_synced(path: Path, content: bytes, flags: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | flags, 0o600)
    try:
        os.write(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
