"""The key folder: what is lost, what is only unavailable, and what a failed write leaves behind."""

import errno
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from assessment_service.adapters.release_keys import FolderReleaseKeys
from assessment_service.application.sealing_ports import KeysUnavailableError, UnreadableRoundError

RELEASE = uuid4()
KEY = f"{RELEASE}.key"
PRIVATE = bytes(range(32))
Use = Callable[[FolderReleaseKeys, UUID], Awaitable[object]]


async def store(keys: FolderReleaseKeys, release_id: UUID) -> None:
    keys.store(release_id, PRIVATE)


async def private(keys: FolderReleaseKeys, release_id: UUID) -> bytes:
    return keys.private(release_id)


USES = [store, private, FolderReleaseKeys.participation, FolderReleaseKeys.destroy]


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """A key folder with one round's key."""
    keys = FolderReleaseKeys(tmp_path / "keys")
    await keys.initialise()
    keys.store(RELEASE, PRIVATE)
    return tmp_path / "keys"


def unmount(folder: Path, left: str) -> Path:
    """Return where the folder is now; `left` describes what is in its place."""
    elsewhere = folder.rename(folder.with_name("elsewhere"))
    if left == "empty":
        folder.mkdir()
    elif left == "a file":
        folder.touch()
    return elsewhere


async def test_what_an_attempt_left_is_replaced(folder: Path) -> None:
    keys = FolderReleaseKeys(folder)
    before = await keys.participation(RELEASE)
    assert keys.private(RELEASE) == PRIVATE
    keys.store(RELEASE, PRIVATE[::-1])
    assert keys.private(RELEASE) == PRIVATE[::-1]
    assert await keys.participation(RELEASE) != before


@pytest.mark.parametrize("content", [None, b"", b"x" * 31])
async def test_a_key_that_is_gone_or_damaged_is_lost(folder: Path, content: bytes | None) -> None:
    if content is None:
        (folder / KEY).unlink()
    else:
        (folder / KEY).write_bytes(content)
    with pytest.raises(UnreadableRoundError, match=str(RELEASE)):
        FolderReleaseKeys(folder).private(RELEASE)


@pytest.mark.parametrize("use", [private, FolderReleaseKeys.destroy])
async def test_a_key_that_cannot_be_used_is_not_lost(folder: Path, use: Use) -> None:
    (folder / KEY).unlink()
    (folder / KEY).mkdir()  # root may read any file, but nobody may read a folder as one
    with pytest.raises(KeysUnavailableError, match=str(folder)):
        await use(FolderReleaseKeys(folder), RELEASE)


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("away", ["missing", "empty", "a file"])
async def test_a_folder_that_is_not_the_real_one(folder: Path, use: Use, away: str) -> None:
    elsewhere = unmount(folder, away)
    with pytest.raises(KeysUnavailableError, match=str(folder)):
        await use(FolderReleaseKeys(folder), RELEASE)
    assert [file.name for file in elsewhere.parent.glob("keys/*")] == []
    assert (elsewhere / KEY).stat().st_size == 32


async def test_a_key_is_destroyed_once_and_for_all(folder: Path) -> None:
    keys = FolderReleaseKeys(folder)
    await keys.destroy(RELEASE)
    assert not (folder / KEY).exists()
    await keys.destroy(RELEASE)  # as after a crash before it was put on record


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
    await FolderReleaseKeys(folder).destroy(RELEASE)
    assert not (folder.with_name("elsewhere") / KEY).exists()


@pytest.mark.parametrize("use", [store, FolderReleaseKeys.destroy])
async def test_a_full_disk_leaves_nothing_new_behind(
    folder: Path, monkeypatch: pytest.MonkeyPatch, use: Use
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    before = sorted(os.listdir(folder))
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(KeysUnavailableError, match="No space left"):
        await use(FolderReleaseKeys(folder), RELEASE)
    assert sorted(os.listdir(folder)) == before


async def test_files_that_are_missing_are_named_and_those_of_no_release_are_not(
    folder: Path,
) -> None:
    keys, other = FolderReleaseKeys(folder), uuid4()
    assert keys.missing([RELEASE]) == []
    assert keys.missing([RELEASE, other]) == [f"{other}.key", f"{other}.participation"]
    (folder / KEY).unlink()
    assert keys.missing([RELEASE]) == [KEY]
    unmount(folder, "empty")
    with pytest.raises(KeysUnavailableError):
        keys.missing([RELEASE])
