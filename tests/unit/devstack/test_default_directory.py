"""A command about a stack that nobody named means the one that runs."""

from pathlib import Path

import pytest

from devstack import cli
from devstack.lock import take_lock
from devstack.options import Layout


@pytest.mark.parametrize("command", ["down", "logs", "settings", "status", "stop", "token"])
@pytest.mark.parametrize(
    ("running", "meant"),
    [
        ([], "."),
        (["."], "."),
        (["demo"], "demo"),
        ([".", "demo"], "."),
    ],
)
def test_a_kept_demo_is_meant_if_nothing_else_runs(
    running: list[str], meant: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("UM_STACK_DIRECTORY", raising=False)
    monkeypatch.setattr(cli, "DIRECTORY", tmp_path)
    monkeypatch.setattr(cli, "KEPT_DEMO", tmp_path / "demo")
    locks = [take_lock(Layout(tmp_path / name)) for name in running]
    assert cli._default_directory(command) == tmp_path / meant
    assert cli._default_directory("up") == tmp_path
    for lock in locks:
        assert lock is not None
        lock.close()


def test_the_environment_names_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UM_STACK_DIRECTORY", str(tmp_path))
    assert cli._default_directory("settings") == tmp_path
    assert cli._default_directory("up") == cli.DIRECTORY
