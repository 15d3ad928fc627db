"""Programs of a Debian package: from the PATH, from the cache, or a clear sentence."""

from pathlib import Path

import pytest

from devstack.debian_package import program
from devstack.options import StackError


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a PATH with nothing on it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path / "cache" / "um-platform"


def executable(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_the_machines_own_is_taken_first(cache: Path, tmp_path: Path) -> None:
    executable(cache / "debian-sample" / "usr" / "bin" / "tool")
    own = executable(tmp_path / "tool")
    assert program("sample", "tool") == str(own)


def test_what_is_in_the_cache_is_not_fetched_again(cache: Path) -> None:
    kept = executable(cache / "debian-sample" / "usr" / "bin" / "tool")
    assert program("sample", "tool") == str(kept)


def test_a_machine_without_apt_hears_what_to_do(cache: Path) -> None:
    with pytest.raises(StackError, match="package sample: install it yourself, or check"):
        program("sample", "tool")
    assert not (cache / "debian-sample").exists()


def test_a_failed_download_says_why_and_leaves_nothing(cache: Path, tmp_path: Path) -> None:
    executable(tmp_path / "apt-get", "echo no such package >&2; exit 100")
    with pytest.raises(StackError, match="no such package"):
        program("sample", "tool")
    assert [one.name for one in cache.iterdir()] == ["debian-sample.lock"]
