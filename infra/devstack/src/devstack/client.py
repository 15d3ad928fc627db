"""Use a stack from a program: start it for a with-block, join one that runs, disturb it.

The stack itself lives in its supervisor process; this side only reads its state file, sends
signals and lays hold files, so a client that dies cannot leave a half-managed stack behind.
"""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from devstack.files import read_env, read_json, write_atomically
from devstack.lock import HELD_SERVICES, is_running, take_lock
from devstack.options import Layout, StackError, StackOptions
from devstack.processes import MARKER, die_with_parent, rotate, sweep
from devstack.state import StackState, read_state

POLL = 0.1  # seconds between looks at the state file
START_DEADLINE = 900.0  # seconds; a first start may have to download servers
STOP_DEADLINE = 60.0  # seconds until a supervisor that was asked to stop is killed
KILL_DEADLINE = 10.0  # seconds after that until its directory must be free
Progress = Callable[[StackState], None]


class Stack:
    """A stack that runs."""

    def __init__(self, directory: Path) -> None:
        self._layout = Layout(directory.resolve())
        self._killed: dict[str, int] = {}

    @property
    def directory(self) -> Path:
        return self._layout.root

    @property
    def env(self) -> dict[str, str]:
        """The addresses of everything, as in stack.env."""
        return read_env(self._layout.env)

    @property
    def state(self) -> StackState:
        """The current state; raises StackError when the stack is gone."""
        state = read_state(self._layout.state)
        if state is None:
            raise StackError(f"no stack runs in {self.directory}: 'make up' starts one")
        return state

    @property
    def processes(self) -> list[str]:
        """Names of the processes that run now, servers and services."""
        return [name for name, status in self.state.processes.items() if status.pid is not None]

    def kill(self, name: str, sig: signal.Signals = signal.SIGKILL) -> int:
        """Send `sig` to a process and return its id; `wait_ready` then waits for its successor."""
        pid = self._status_pid(name)
        os.kill(pid, sig)
        if sig not in (signal.SIGSTOP, signal.SIGCONT):
            self._killed[name] = pid
        return pid

    async def wait_ready(self, name: str, timeout: float = 60.0) -> None:  # noqa: ASYNC109
        """Return when the process is ready; raises StackError after `timeout` seconds."""
        await self._wait(name, "ready", timeout)

    async def stop(self, name: str, timeout: float = 30.0) -> None:  # noqa: ASYNC109
        """Stop a process and keep it stopped until `start`."""
        self._status_pid(name)
        self._layout.hold.mkdir(exist_ok=True)
        (self._layout.hold / name).touch()
        await self._wait(name, "stopped", timeout)

    async def start(self, name: str, timeout: float = 60.0) -> None:  # noqa: ASYNC109
        """Let a stopped process run again and wait until it is ready."""
        (self._layout.hold / name).unlink(missing_ok=True)
        await self.wait_ready(name, timeout)

    async def start_services(self, progress: Progress | None = None) -> None:
        """Start the services of a stack that was started with its servers only."""
        (self._layout.hold / HELD_SERVICES).unlink(missing_ok=True)
        await _wait_for_phase(self._layout, None, "ready", progress)

    def _status_pid(self, name: str) -> int:
        status = self.state.processes.get(name)
        if status is None:
            raise StackError(f"no process {name}; there are: {', '.join(self.processes)}")
        if status.pid is None:
            raise StackError(f"{name} does not run here now (it is {status.state})")
        return status.pid

    async def _wait(self, name: str, wanted: str, seconds: float) -> None:
        until = time.monotonic() + seconds
        while True:
            status = self.state.processes.get(name)
            if status is None:
                raise StackError(f"no process {name}; there are: {', '.join(self.processes)}")
            if status.state == wanted and status.pid != self._killed.get(name, 0):
                return
            if time.monotonic() > until:
                raise StackError(
                    f"{name} is {status.state}, not {wanted}, after {seconds:.0f} s; "
                    f"see {self._layout.log(name)}"
                )
            await asyncio.sleep(POLL)


def attach(directory: Path) -> Stack:
    """Join the stack that runs in `directory`; raises StackError when none does."""
    phase = look(directory).phase
    if phase not in ("ready", "servers"):
        raise StackError(f"the stack in {directory} is {phase}: 'make status' shows how far it is")
    return Stack(directory)


def look(directory: Path) -> StackState:
    """The state of the stack that runs in `directory`, also while it starts or stops.

    Raises StackError when none runs; what one that was killed has left of addresses is removed.
    """
    layout = Layout(directory.resolve())
    lock = take_lock(layout) if layout.root.exists() else None
    if lock is not None:
        with lock:
            _remove_addresses(layout)
    if lock is not None or not layout.root.exists():
        raise StackError(f"no stack runs in {directory}: 'make up' starts one")
    return read_state(layout.state) or StackState()


def runs_as(options: StackOptions) -> bool:
    """Whether a stack with these very options is up."""
    layout = Layout(options.directory.resolve())
    state = read_state(layout.state)
    return (
        is_running(layout.root)
        and state is not None
        and state.phase in ("ready", "servers")
        and read_json(layout.options) == _as_json(options)
    )


@asynccontextmanager
async def running(options: StackOptions, progress: Progress | None = None) -> AsyncIterator[Stack]:
    """A stack for the length of a with-block; nothing of it is left after, however it ends.

    Enter it from the main thread. Raises StackError when the stack does not get ready.
    """
    try:
        yield await launch(options, progress, die_with_us=True)
    finally:
        await asyncio.shield(stop_stack(options.directory))


async def launch(
    options: StackOptions, progress: Progress | None = None, die_with_us: bool = False
) -> Stack:
    """Start a supervisor and return when its stack is ready. Raises StackError."""
    supervisor, layout = _start_supervisor(options, die_with_us)
    wanted = "ready" if options.services else "servers"
    try:
        await _wait_for_phase(layout, supervisor, wanted, progress)
    except BaseException:
        supervisor.terminate()
        await asyncio.to_thread(supervisor.wait, STOP_DEADLINE)
        raise
    return Stack(layout.root)


def _start_supervisor(
    options: StackOptions, die_with_us: bool
) -> tuple[subprocess.Popen[bytes], Layout]:
    layout = Layout(options.directory.resolve())
    if is_running(layout.root):
        raise StackError(
            f"another stack runs in {layout.root}, or starts or stops there: run 'make down' first"
        )
    shutil.rmtree(layout.hold, ignore_errors=True)
    for folder in (layout.hold, layout.logs):
        folder.mkdir(parents=True, exist_ok=True)
    for earlier in layout.logs.glob("*.log"):
        rotate(earlier)
    _remove_addresses(layout)
    if not options.services:
        (layout.hold / HELD_SERVICES).touch()
    write_atomically(layout.options, json.dumps(_as_json(options)))
    with layout.log("supervisor").open("wb") as log:
        supervisor = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "devstack.supervisor", str(layout.root)],
            env={**os.environ, MARKER: str(layout.root)},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM) if die_with_us else None,
        )
    return supervisor, layout


def _as_json(options: StackOptions) -> dict[str, Any]:
    return dict(json.loads(json.dumps(asdict(options), default=str)))


async def _wait_for_phase(
    layout: Layout,
    supervisor: subprocess.Popen[bytes] | None,
    wanted: str,
    progress: Progress | None,
) -> None:
    until = time.monotonic() + START_DEADLINE
    while True:
        state = read_state(layout.state)
        if state is not None and progress is not None:
            progress(state)
        if state is not None and state.phase == wanted:
            return
        if state is not None and state.phase == "failed":
            raise StackError(state.error)
        gone = supervisor.poll() is not None if supervisor else not is_running(layout.root)
        if gone:
            said = layout.log("supervisor").read_text(encoding="utf-8", errors="replace")[-2_000:]
            raise StackError(f"the supervisor ended before the stack was ready:\n{said}")
        if time.monotonic() > until:
            raise StackError(f"the stack was not ready after {START_DEADLINE:.0f} s")
        await asyncio.sleep(POLL)


async def stop_stack(directory: Path) -> bool:
    """Take down the stack in `directory` and sweep what is left; False when none ran.

    Raises StackError when it goes on all the same.
    """
    layout = Layout(directory)
    was_up = is_running(layout.root)
    asked = None
    until = time.monotonic() + STOP_DEADLINE
    while is_running(layout.root):
        state = read_state(layout.state)  # not there while a stack begins
        late = time.monotonic() - until
        if late > KILL_DEADLINE:
            raise StackError(
                f"the stack in {layout.root} does not stop: end the process that holds "
                f"{layout.lock} ('fuser' names it), then run 'make down' again"
            )
        with suppress(ProcessLookupError):
            if state is not None and state.pid != asked:
                asked = state.pid
                os.kill(asked, signal.SIGTERM)
            elif state is not None and late > 0:
                os.kill(state.pid, signal.SIGKILL)  # its children die with it
        await asyncio.sleep(POLL)
    _sweep(layout)
    return was_up


def _sweep(layout: Layout) -> None:
    lock = take_lock(layout) if layout.root.exists() else None
    if lock is not None:
        with lock:
            sweep(layout.root)
            _remove_addresses(layout)


def _remove_addresses(layout: Layout) -> None:
    for stale in (layout.state, layout.env):
        stale.unlink(missing_ok=True)


def delete_data(directory: Path) -> bool:
    """Delete what a stopped stack has kept, also its settings; False if it has no data."""
    layout = Layout(directory.resolve())
    had_data = layout.data.exists()
    for path in (layout.data, layout.logs, layout.hold):
        shutil.rmtree(path, ignore_errors=True)
    files = (layout.secrets, layout.settings, layout.ports, layout.options, layout.state)
    for path in (*files, layout.env):
        path.unlink(missing_ok=True)
    return had_data
