"""Forked processes are like started ones: children of their own, with their own everything."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from devstack import forkserver
from devstack.forkserver import LIBRARIES, ForkServer
from devstack.keeper import Keeper
from devstack.options import Layout
from devstack.processes import MARKER, Process, ProcessSpec, end
from devstack.state import StateFile, read_state
from support.eventually import eventually

SLEEP = "import time; time.sleep(60)"


def running(code: str, **env: str) -> ProcessSpec:
    """A process that a fork server may start: the module `timeit` runs any code."""
    argv = (sys.executable, "-m", "timeit", "-n1", "-r1", code)
    return ProcessSpec("sleeper", argv, env, probe=at_once, forked=True)


async def at_once() -> bool:
    return True


@pytest.fixture
async def forks(tmp_path: Path) -> AsyncIterator[ForkServer]:
    forks = ForkServer(tmp_path, tmp_path / "fork-server.log", libraries=())
    await forks.start()
    yield forks
    await forks.stop()


async def ended(process: Process) -> int:
    async with asyncio.timeout(10):
        return await process.wait()


async def test_a_forked_process_has_its_own_everything(forks: ForkServer, tmp_path: Path) -> None:
    code = (
        "import os, sys, threading; "
        "print(sys.argv[0], os.getppid(), os.getsid(0) == os.getpid(), os.environ['COLOUR'], "
        "'PATH' in os.environ, len(os.environ), threading.active_count(), flush=True)"
    )
    log = tmp_path / "sleeper.log"
    for colour in ("red", "green"):
        process = await forks.spawn(running(code, COLOUR=colour), log)
        assert await ended(process) == 0
    lines = [line.split() for line in log.read_text().splitlines() if line.startswith("/")]
    assert [(line[1], line[2], line[3]) for line in lines] == [
        (str(os.getpid()), "True", colour) for colour in ("red", "green")
    ]
    assert not (tmp_path / "fork-server.log").read_text()


async def test_what_python_reads_at_its_start_takes_effect(
    forks: ForkServer, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('customized', flush=True)\n")
    process = await forks.spawn(running("pass", PYTHONPATH=str(tmp_path)), tmp_path / "log")
    assert await ended(process) == 0
    assert "customized" in (tmp_path / "log").read_text()


async def test_how_it_ended_is_known(forks: ForkServer, tmp_path: Path) -> None:
    process = await forks.spawn(running("import os; os._exit(7)"), tmp_path / "log")
    assert await ended(process) == 7
    process = await forks.spawn(running(SLEEP), tmp_path / "log")
    os.kill(process.pid, signal.SIGKILL)
    assert await ended(process) == process.returncode == -signal.SIGKILL
    process.send_signal(signal.SIGTERM)  # too late, and no harm


async def test_it_outlives_the_fork_server_and_the_next_is_started_without(
    forks: ForkServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = await forks.spawn(running(SLEEP), tmp_path / "log")
    assert forks.pid is not None
    os.kill(forks.pid, signal.SIGKILL)
    second = await forks.spawn(running(SLEEP), tmp_path / "log")
    try:
        assert first.returncode is None
        assert psutil.pid_exists(first.pid)
        assert "-m timeit" in " ".join(psutil.Process(second.pid).cmdline())
        assert "fork server does not answer" in capsys.readouterr().out
    finally:
        for process in (first, second):
            await end(process, running(SLEEP))


async def test_a_frozen_fork_server_is_given_up(
    forks: ForkServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await ended(await forks.spawn(running("pass"), tmp_path / "log")) == 0
    monkeypatch.setattr(forkserver, "PATIENCE", 0.3)
    assert forks.pid is not None
    os.kill(forks.pid, signal.SIGSTOP)
    assert await ended(await forks.spawn(running("pass"), tmp_path / "log")) == 0
    assert forks.pid is None


async def test_a_killed_one_is_forked_again(forks: ForkServer, tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    keeper = Keeper(layout, StateFile(layout.state, os.getpid()), forks)
    await keeper.start(running(SLEEP))
    state = read_state(layout.state)
    assert state is not None
    pid = state.processes["sleeper"].pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)

    async def back() -> bool:
        state = read_state(layout.state)
        assert state is not None
        status = state.processes["sleeper"]
        return (status.state, status.restarts) == ("ready", 1) and status.pid != pid

    try:
        await eventually(back)
    finally:
        await keeper.stop(["sleeper"])


async def test_a_sweep_would_find_it(forks: ForkServer, tmp_path: Path) -> None:
    process = await forks.spawn(running(SLEEP), tmp_path / "log")
    assert psutil.Process(process.pid).environ()[MARKER] == str(tmp_path)
    await end(process, running(SLEEP))


async def test_it_dies_with_its_supervisor(tmp_path: Path) -> None:
    code = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from devstack.forkserver import ForkServer\n"
        "from devstack.processes import ProcessSpec\n"
        "async def main(d):\n"
        "    forks = ForkServer(d, d / 'log', libraries=())\n"
        "    await forks.start()\n"
        "    argv = (sys.executable, '-m', 'timeit', '-n1', '-r1', sys.argv[2])\n"
        "    child = await forks.spawn(ProcessSpec('x', argv), d / 'log')\n"
        "    print(child.pid, forks.pid, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main(Path(sys.argv[1])))\n"
    )
    supervisor = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, str(tmp_path), SLEEP, stdout=subprocess.PIPE
    )
    assert supervisor.stdout is not None
    pids = [int(pid) for pid in (await supervisor.stdout.readline()).split()]
    supervisor.kill()
    await supervisor.wait()

    async def gone() -> bool:
        return not any(
            psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" for pid in pids
        )

    await eventually(gone)


async def test_the_libraries_are_there_and_start_no_thread(tmp_path: Path) -> None:
    """A thread would be missing in every child; a lock that it held would stay locked."""
    forks = ForkServer(tmp_path, tmp_path / "fork-server.log", LIBRARIES)
    await forks.start()
    code = "import sys; print('temporalio' in sys.modules, flush=True)"
    process = await forks.spawn(running(code), tmp_path / "log")
    try:
        assert await ended(process) == 0
        assert (tmp_path / "log").read_text().startswith("True")
        assert forks.pid is not None
        assert psutil.Process(forks.pid).num_threads() == 1
    finally:
        await forks.stop()
