"""Stopping a stack comes to an end, also when its state file does not say what to stop."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from devstack import client
from devstack.lock import take_lock
from devstack.options import Layout, StackError
from devstack.state import StateFile

LATE = """
import os, sys, time
from pathlib import Path
from devstack.lock import take_lock
from devstack.options import Layout
from devstack.state import StateFile

layout = Layout(Path(sys.argv[1]))
lock = take_lock(layout)
print("locked", flush=True)
time.sleep(0.5)
StateFile(layout.state, os.getpid())
time.sleep(60)
"""


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    monkeypatch.setattr(client, "STOP_DEADLINE", 0.3)
    monkeypatch.setattr(client, "KILL_DEADLINE", 0.3)
    return Layout(tmp_path)


async def test_a_held_lock_without_a_state_is_an_error_in_the_end(layout: Layout) -> None:
    lock = take_lock(layout)
    assert lock is not None
    with lock, pytest.raises(StackError, match="does not stop"):
        async with asyncio.timeout(5):
            await client.stop_stack(layout.root)


async def test_a_state_of_a_process_that_is_gone_is_an_error_in_the_end(layout: Layout) -> None:
    StateFile(layout.state, pid=2**22 + 1)  # more than any process has
    lock = take_lock(layout)
    assert lock is not None
    with lock, pytest.raises(StackError, match="does not stop"):
        async with asyncio.timeout(5):
            await client.stop_stack(layout.root)


async def test_a_stack_that_has_just_begun_is_stopped(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "STOP_DEADLINE", 10)
    supervisor = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LATE, str(layout.root), stdout=subprocess.PIPE
    )
    try:
        assert supervisor.stdout is not None
        assert await supervisor.stdout.readline() == b"locked\n"
        async with asyncio.timeout(8):
            assert await client.stop_stack(layout.root)
        assert await supervisor.wait() == -signal.SIGTERM
    finally:
        if supervisor.returncode is None:
            supervisor.kill()
            await supervisor.wait()
    assert not layout.state.exists()
