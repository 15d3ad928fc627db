"""The key folder: what is lost, what is only unavailable, and what a failed write leaves behind."""

import errno
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
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
    keys = FolderRoundKeys(tmp_path / "keys")
    await keys.initialise()
    await keys.create(ROUND)
    return tmp_path / "keys"


def unmount(folder: Path, left: str) -> Path:
    """Return where the folder is now; `left` describes what is in its place."""
    elsewhere = folder.rename(folder.with_name("elsewhere"))
    if left == "empty":
        folder.mkdir()
    elif left == "a file":
        folder.touch()
    return elsewhere


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
@pytest.mark.parametrize("away", ["missing", "empty", "a file"])
async def test_a_folder_that_is_not_the_real_one(folder: Path, use: Use, away: str) -> None:
    elsewhere = unmount(folder, away)
    with pytest.raises(KeysUnavailableError, match=str(folder)):
        await use(FolderRoundKeys(folder), ROUND)
    assert [file.name for file in elsewhere.parent.glob("keys/*")] == []
    assert (elsewhere / KEY).stat().st_size == 64


async def test_a_key_is_destroyed_once_and_for_all(folder: Path) -> None:
    keys = FolderRoundKeys(folder)
    await keys.destroy(ROUND)
    assert not (folder / KEY).exists()
    await keys.destroy(ROUND)  # as after a crash before it was put on record


async def test_a_folder_that_goes_away_meanwhile_is_still_the_one_that_was_marked(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stat = os.stat

    def unmount_afterwards(*args: Any, **how: Any) -> os.stat_result:
        found = stat(*args, **how)
        monkeypatch.undo()
        unmount(folder, "empty")
        return found

    monkeypatch.setattr(os, "stat", unmount_afterwards)
    await FolderRoundKeys(folder).destroy(ROUND)
    assert not (folder.with_name("elsewhere") / KEY).exists()


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
