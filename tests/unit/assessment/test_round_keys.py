"""The key folder: what is lost, what is only away, and what a failed write leaves behind."""

import errno
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from assessment_service.adapters.round_keys import FolderRoundKeys
from assessment_service.application.ports import KeysUnavailableError, UnreadableRoundError

ROUND = uuid4()
KEY = f"{ROUND}.key"
Use = Callable[[FolderRoundKeys, UUID], Awaitable[object]]
USES = [FolderRoundKeys.create, FolderRoundKeys.read, FolderRoundKeys.destroy]


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """A key folder with one round's key."""
    await FolderRoundKeys(tmp_path / "keys").create(ROUND)
    return tmp_path / "keys"


async def test_secrets_that_exist_are_kept(folder: Path) -> None:
    keys = FolderRoundKeys(folder)
    before = await keys.read(ROUND)
    await keys.create(ROUND)
    assert await keys.read(ROUND) == before


@pytest.mark.parametrize("content", [None, b"", b"x" * 63])
async def test_a_key_that_is_gone_or_damaged_is_lost(folder: Path, content: bytes | None) -> None:
    if content is None:
        (folder / KEY).unlink()
    else:
        (folder / KEY).write_bytes(content)
    with pytest.raises(UnreadableRoundError, match=str(ROUND)):
        await FolderRoundKeys(folder).read(ROUND)


@pytest.mark.parametrize("use", [FolderRoundKeys.read, FolderRoundKeys.destroy])
async def test_a_key_that_cannot_be_used_is_not_lost(folder: Path, use: Use) -> None:
    (folder / KEY).unlink()
    (folder / KEY).mkdir()  # root may read any file, but nobody may read a folder as one
    with pytest.raises(KeysUnavailableError, match=str(folder)):
        await use(FolderRoundKeys(folder), ROUND)


@pytest.mark.parametrize("use", USES)
async def test_a_folder_that_cannot_be_used(tmp_path: Path, use: Use) -> None:
    (tmp_path / "keys").touch()
    with pytest.raises(KeysUnavailableError, match=str(tmp_path)):
        await use(FolderRoundKeys(tmp_path / "keys"), ROUND)


@pytest.mark.parametrize("use", [FolderRoundKeys.create, FolderRoundKeys.destroy])
async def test_a_full_disk_leaves_nothing_new_behind(
    folder: Path, monkeypatch: pytest.MonkeyPatch, use: Use
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    before = sorted(os.listdir(folder))
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(KeysUnavailableError, match="No space left"):
        await use(FolderRoundKeys(folder), ROUND)
    assert sorted(os.listdir(folder)) == before
