"""The rounds' secrets as files in a folder outside the database: one file of 64 bytes per round,
readable by the service's own user only, overwritten and removed when the round is released.

Overwriting is the most that a program can do: a copy-on-write file system or a snapshot may keep
old blocks. Exclude the folder from backups, or keep their encryption key no longer than a round.

An empty file marks the folder. Without it, the folder is not mounted, and a missing key is not
known to be lost.
"""

import asyncio
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Literal
from uuid import UUID, uuid4

from assessment_service.application.ports import KeysUnavailableError, UnreadableRoundError
from assessment_service.domain.participation import RoundSecrets

_SECRET_BYTES = 32
_FILE_BYTES = 2 * _SECRET_BYTES
_MARKER = ".round-keys"


class FolderRoundKeys:
    """The port `RoundKeys` on a folder that api and worker processes share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def initialise(self) -> None:
        await asyncio.to_thread(self._initialise)

    async def create(self, round_id: UUID) -> None:
        await asyncio.to_thread(self._create, round_id)

    async def read(self, round_id: UUID) -> RoundSecrets:
        return await asyncio.to_thread(self._read, round_id)

    async def destroy(self, round_id: UUID) -> None:
        await asyncio.to_thread(self._destroy, round_id)

    def _initialise(self) -> None:
        with _reported(self._folder):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _opened(self._folder) as folder:
                _write_synced(folder, _MARKER, "wb", b"")
                os.fsync(folder)

    def _create(self, round_id: UUID) -> None:
        complete = f".{uuid4()}.new"
        with self._marked() as folder:
            try:
                _write_synced(folder, complete, "xb", secrets.token_bytes(_FILE_BYTES))
                # A link appears completely or not at all, and never replaces existing secrets.
                with suppress(FileExistsError):
                    os.link(complete, _name(round_id), src_dir_fd=folder, dst_dir_fd=folder)
            finally:
                with suppress(FileNotFoundError):
                    os.unlink(complete, dir_fd=folder)
            os.fsync(folder)

    def _read(self, round_id: UUID) -> RoundSecrets:
        with self._marked() as folder:
            try:
                with open(_name(round_id), "rb", opener=partial(os.open, dir_fd=folder)) as file:
                    content = file.read()
            except FileNotFoundError as error:
                raise UnreadableRoundError(
                    f"the secrets of round {round_id} are missing"
                ) from error
        if len(content) != _FILE_BYTES:
            raise UnreadableRoundError(f"the secrets of round {round_id} are damaged")
        return RoundSecrets(content[:_SECRET_BYTES], content[_SECRET_BYTES:])

    def _destroy(self, round_id: UUID) -> None:
        with self._marked() as folder:
            with suppress(FileNotFoundError):
                _write_synced(folder, _name(round_id), "r+b", secrets.token_bytes(_FILE_BYTES))
                os.unlink(_name(round_id), dir_fd=folder)
            os.fsync(folder)

    @contextmanager
    def _marked(self) -> Iterator[int]:
        """The descriptor of the marked folder: operations on it cannot reach another folder.

        Raises KeysUnavailableError.
        """
        with _reported(self._folder), _opened(self._folder) as folder:
            os.stat(_MARKER, dir_fd=folder)
            yield folder


@contextmanager
def _reported(folder: Path) -> Iterator[None]:
    """Raises KeysUnavailableError for errors of the operating system."""
    try:
        yield
    except OSError as error:
        raise KeysUnavailableError(f"key folder {folder}: {error}") from error


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _name(round_id: UUID) -> str:
    return f"{round_id}.key"


def _write_synced(folder: int, name: str, mode: Literal["wb", "xb", "r+b"], content: bytes) -> None:
    with open(name, mode, opener=partial(os.open, mode=0o600, dir_fd=folder)) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
