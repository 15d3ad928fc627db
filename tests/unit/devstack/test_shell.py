"""`devstack settings`: what a shell that evaluates it has, and which processes a name means."""

import subprocess
from pathlib import Path

import pytest

from devstack import Stack, StackError
from devstack.cli import _named
from devstack.files import write_env
from devstack.options import Layout
from devstack.shell import exports
from devstack.state import StateFile
from unit.devstack.test_service_env import SERVERS

QUOTED = """it's "$HOME" `date`"""


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    write_env(Layout(tmp_path).env, {**SERVERS, "MAILBOX_URL": QUOTED}, "valid")
    StateFile(Layout(tmp_path).state, 1).announce(["kafka", "content-api", "content-worker"])
    return Stack(tmp_path)


def evaluated(stack: Stack, name: str) -> str:
    """The variable in a shell."""
    script = f'set -eu; eval "$1"; printf %s "${name}"'
    said = subprocess.run(
        ["bash", "-c", script, "_", exports(stack)], capture_output=True, check=True, text=True
    )
    return said.stdout


def test_a_shell_has_addresses_and_settings(stack: Stack) -> None:
    assert evaluated(stack, "MAILBOX_URL") == QUOTED
    assert evaluated(stack, "UM_STACK_DIRECTORY") == str(stack.directory)
    assert "content_worker:" in evaluated(stack, "CONTENT_DB__DSN")
    assert "content_owner:" in evaluated(stack, "CONTENT_DB__MIGRATION_DSN")
    assert "portal_web:" in evaluated(stack, "PORTAL_DB__DSN")


def test_settings_of_ones_own_come_first(stack: Stack) -> None:
    Layout(stack.directory).settings.write_text("CONTENT_AUDIT__KEEP_DAYS=7\n")
    assert evaluated(stack, "CONTENT_AUDIT__KEEP_DAYS") == "7"


def test_a_name_is_a_process_or_a_service(stack: Stack) -> None:
    assert _named(stack, ["kafka", "content"]) == ["kafka", "content-api", "content-worker"]
    with pytest.raises(StackError, match="no process or service contents; there are: kafka"):
        _named(stack, ["contents"])
