"""Logs outlive restarts of a process and of the stack, and do not fill the disk."""

from pathlib import Path

import pytest

from devstack import processes
from devstack.processes import open_log, rotate


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(folder.iterdir())}


def test_the_last_three_are_kept(tmp_path: Path) -> None:
    for number in range(6):
        rotate(tmp_path / "kafka.log")
        (tmp_path / "kafka.log").write_text(str(number))
    assert contents(tmp_path) == {
        "kafka.log": "5",
        "kafka.log.1": "4",
        "kafka.log.2": "3",
        "kafka.log.3": "2",
    }


def test_only_a_large_one_is_put_aside_when_a_process_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "LARGEST_LOG", 5)
    for text in (b"123", b"456", b"789"):
        with open_log(tmp_path / "kafka.log") as file:
            file.write(text)
    assert contents(tmp_path) == {"kafka.log": "789", "kafka.log.1": "123456"}
