"""Copies of data folders: found again for the same inputs, and for no others."""

import os
import shutil
from pathlib import Path

import pytest

from devstack import prepared
from devstack.prepared import Prepared


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout whose folder `code` is an input, with a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(prepared, "CHECKOUT", tmp_path)
    folder = tmp_path / "code" / "package"
    folder.mkdir(parents=True)
    (folder / "a.py").write_text("a = 1")
    return folder.parent


def keep(copy: Prepared, content: str = "made") -> None:
    def write(folder: Path) -> None:
        (folder / "inner").mkdir(parents=True)
        (folder / "inner" / "file").write_text(content)

    copy.keep(write)


def test_what_was_kept_is_copied(code: Path, tmp_path: Path) -> None:
    copy, target = Prepared("data", (code,)), tmp_path / "stack" / "data"
    assert not copy.copy_to(target)
    assert not target.exists()
    keep(copy)
    assert copy.copy_to(target)
    assert (target / "inner" / "file").read_text() == "made"
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("change", ["content", "name", "new"])
def test_changed_code_has_no_copy_yet(code: Path, tmp_path: Path, change: str) -> None:
    copy, file = Prepared("data", (code,)), code / "package" / "a.py"
    keep(copy)
    if change == "content":
        file.write_text("a = 2")
    elif change == "name":
        file.rename(file.with_name("b.py"))
    else:
        (code / "b.py").write_text("")
    assert not copy.copy_to(tmp_path / "target")


def test_compiled_code_changes_nothing(code: Path, tmp_path: Path) -> None:
    keep(Prepared("data", (code,)))
    (code / "package" / "a.pyc").write_bytes(b"compiled")
    assert Prepared("data", (code,)).copy_to(tmp_path / "target")


def test_another_checkout_with_the_same_code_shares_the_copy(
    code: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(Prepared("data", (code,)))
    other = tmp_path / "other"
    shutil.copytree(code, other / "code")
    monkeypatch.setattr(prepared, "CHECKOUT", other)
    assert Prepared("data", (other / "code",)).copy_to(tmp_path / "target")


def test_the_first_of_two_stacks_wins(code: Path, tmp_path: Path) -> None:
    keep(Prepared("data", (code,)), "first")
    keep(Prepared("data", (code,)), "second")
    assert Prepared("data", (code,)).copy_to(tmp_path / "target")
    assert (tmp_path / "target" / "inner" / "file").read_text() == "first"


def test_what_failed_leaves_nothing(code: Path, tmp_path: Path) -> None:
    def write(folder: Path) -> None:
        folder.mkdir()
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        Prepared("data", (code,)).keep(write)
    assert not Prepared("data", (code,)).copy_to(tmp_path / "target")
    assert list((tmp_path / "cache" / "um-platform").iterdir()) == []


def test_the_copies_used_last_are_kept(code: Path, tmp_path: Path) -> None:
    for number in range(5):
        (code / "package" / "a.py").write_text(f"a = {number}")
        keep(Prepared("data", (code,)))
        (newest,) = [
            path
            for path in (tmp_path / "cache" / "um-platform").iterdir()
            if path.stat().st_mtime > 1_000_000
        ]
        os.utime(newest, (number, number))
    left = sorted(path.stat().st_mtime for path in (tmp_path / "cache/um-platform").iterdir())
    assert left == [2, 3, 4]
