"""Processes that end with one function."""

import asyncio
import os
import resource
import signal
from pathlib import Path

import pytest

from servicekit.short_lived import ShortLived
from support.eventually import eventually

PROCESSES = ShortLived(["servicekit.short_lived"])


def add(first: int, second: int) -> int:
    return first + second


def refuse() -> None:
    raise ValueError("not like this")


def end_at_once() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def own_limits() -> tuple[int, tuple[int, int], str]:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return os.getpid(), resource.getrlimit(resource.RLIMIT_CORE), status


def sleep_for_ever(note: str) -> None:
    Path(note).write_text(str(os.getpid()), encoding="utf-8")
    signal.pause()


def _is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def test_a_function_runs_in_another_process_that_is_gone_afterwards() -> None:
    assert await PROCESSES.run(add, 2, 3) == 5
    pid, core, _ = await PROCESSES.run(own_limits)
    assert pid != os.getpid()
    assert core == (0, 0)
    assert not _is_running(pid)


async def test_what_it_raises_is_raised_here() -> None:
    with pytest.raises(ValueError, match="not like this"):
        await PROCESSES.run(refuse)


async def test_a_process_that_is_killed_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="without an answer"):
        await PROCESSES.run(end_at_once)


async def test_cancelling_ends_the_process(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    waiting = asyncio.create_task(PROCESSES.run(sleep_for_ever, str(note)))

    async def has_begun() -> bool:
        return note.exists() and bool(note.read_text(encoding="utf-8"))

    await eventually(has_begun)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not _is_running(int(note.read_text(encoding="utf-8")))
