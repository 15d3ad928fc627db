"""The releases' secrets as files in a folder outside the database, readable by the service's own
user only, overwritten and removed when the release is out. Per release:

    <id>.participation   32 bytes, from which the keys of sheets are made; the api reads it
    <id>.key             32 bytes: the private key that opens sheets, or the platform's share of it;
                         only short-lived processes read it (vault.py)
    <id>.share           32 bytes: the custodian's share, from when it is handed in

Overwriting is the most that a program can do: a copy-on-write file system or a snapshot may keep
old blocks. Exclude the folder from backups, or keep their encryption key no longer than a round.

An empty file marks the folder. Without it, the folder is not mounted, and a missing key is not
known to be lost.
"""

import asyncio
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

from assessment_service.application.sealing_ports import KeysUnavailableError, UnreadableRoundError

SECRET_BYTES = 32
_MARKER = ".round-keys"


class FolderReleaseKeys:
    """The port `ReleaseKeys` on a folder that api and worker processes share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def initialise(self) -> None:
        await asyncio.to_thread(self._initialise)

    async def participation(self, release_id: UUID) -> bytes:
        return await asyncio.to_thread(self._read, _participation(release_id))

    async def destroy(self, release_id: UUID) -> None:
        await asyncio.to_thread(self._destroy, release_id)

    def missing(self, release_ids: Iterable[UUID]) -> list[str]:
        """The names of the files that these releases need and that are not there.

        Raises KeysUnavailableError.
        """
        with self._marked() as folder:
            there = set(os.listdir(folder))
        needed = (name(one) for one in release_ids for name in (_participation, _private))
        return sorted(set(needed) - there)

    def store(self, release_id: UUID, private: bytes) -> None:
        """Store what opens sheets, and a new secret for their keys, durably.

        What an attempt that never committed has left is replaced. Raises KeysUnavailableError.
        """
        with self._marked() as folder:
            _replace(folder, _private(release_id), private)
            _replace(folder, _participation(release_id), secrets.token_bytes(SECRET_BYTES))
            os.fsync(folder)

    def private(self, release_id: UUID) -> bytes:
        """What `store` got. Raises UnreadableRoundError, or KeysUnavailableError."""
        return self._read(_private(release_id))

    def store_share(self, release_id: UUID, share: bytes) -> None:
        """Store the custodian's share, durably. Raises KeysUnavailableError."""
        with self._marked() as folder:
            _replace(folder, _share(release_id), share)
            os.fsync(folder)

    def share(self, release_id: UUID) -> bytes:
        """What `store_share` got. Raises UnreadableRoundError, or KeysUnavailableError."""
        return self._read(_share(release_id))

    def _initialise(self) -> None:
        with _reported(self._folder):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _opened(self._folder) as folder:
                _write_synced(folder, _MARKER, "wb", b"")
                os.fsync(folder)

    def _read(self, name: str) -> bytes:
        with self._marked() as folder:
            try:
                with open(name, "rb", opener=partial(os.open, dir_fd=folder)) as file:
                    content = file.read()
            except FileNotFoundError as error:
                raise UnreadableRoundError(f"the secret {name} is missing") from error
        if len(content) != SECRET_BYTES:
            raise UnreadableRoundError(f"the secret {name} is damaged")
        return content

    def _destroy(self, release_id: UUID) -> None:
        with self._marked() as folder:
            for name in (_private(release_id), _participation(release_id), _share(release_id)):
                with suppress(FileNotFoundError):
                    _write_synced(folder, name, "r+b", secrets.token_bytes(SECRET_BYTES))
                    os.unlink(name, dir_fd=folder)
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


def _participation(release_id: UUID) -> str:
    return f"{release_id}.participation"


def _private(release_id: UUID) -> str:
    return f"{release_id}.key"


def _share(release_id: UUID) -> str:
    return f"{release_id}.share"


def _replace(folder: int, name: str, content: bytes) -> None:
    """A file appears completely or not at all."""
    complete = f".{uuid4()}.new"
    try:
        _write_synced(folder, complete, "xb", content)
        os.rename(complete, name, src_dir_fd=folder, dst_dir_fd=folder)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(complete, dir_fd=folder)


def _write_synced(folder: int, name: str, mode: str, content: bytes) -> None:
    with open(name, mode, opener=partial(os.open, mode=0o600, dir_fd=folder)) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
