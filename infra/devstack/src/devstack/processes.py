"""One supervised process: how it is described, started, asked whether it is ready, and ended.

A child dies with its supervisor (PR_SET_PDEATHSIG) and carries a marker in its environment,
by which a later run finds whatever survived.
"""

import asyncio
import ctypes
import os
import signal
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

import psutil

MARKER = "UM_DEVSTACK_DIRECTORY"
OLD_LOGS = 3  # files that are kept of each log beside the current one
LARGEST_LOG = 20_000_000  # bytes; looked at whenever a process starts
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)

Probe = Callable[[], Awaitable[bool]]


@dataclass(frozen=True)
class ProcessSpec:
    """A process by name: what to run, how to see that it is ready, how long that may take (s).

    `before` runs in a helper thread ahead of every start, also after a crash. A one-shot has no
    probe: it is done when it exits with 0. `user` is a user id to run as. `forked`: it is
    `python -m MODULE ...` and may be started by the fork server.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    probe: Probe | None = None
    url: str = ""
    deadline: float = 120.0
    stop_signal: signal.Signals = signal.SIGTERM
    stop_timeout: float = 10.0
    before: Callable[[], None] | None = None
    user: int | None = None
    forked: bool = False


class Process(Protocol):
    """A process that runs or has ended: the part of asyncio's that is used here."""

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int | None: ...

    async def wait(self) -> int: ...

    def send_signal(self, sign: int, /) -> None: ...


def die_with_parent(sign: signal.Signals = signal.SIGKILL) -> Callable[[], None]:
    """A `preexec_fn` that ends the child when the thread that started it ends.

    Start such children from the main thread only: a helper thread's end would kill them.
    """
    parent = os.getpid()
    return lambda: die_with(parent, sign)


def die_with(parent: int, sign: signal.Signals = signal.SIGKILL) -> None:
    """End this process when `parent`, whose child it is, ends."""
    _libc.prctl(PR_SET_PDEATHSIG, sign)
    if os.getppid() != parent:  # it ended before the line above
        os._exit(1)


def environment(spec: ProcessSpec, directory: Path) -> dict[str, str]:
    """What the process gets: a few of our variables, its own, and the marker."""
    inherited = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "XDG_CACHE_HOME", "JAVA_HOME")
    env = {name: os.environ[name] for name in inherited if name in os.environ}
    return env | {**spec.env, MARKER: str(directory)}


def open_log(log: Path) -> IO[bytes]:
    """The log, to append to; one that has grown large is put aside first."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        rotate(log)
    return log.open("ab")


def rotate(log: Path) -> None:
    """Put a log aside as `NAME.log.1`, the one before as `.2`, and so on; the oldest goes."""
    for number in range(OLD_LOGS, 0, -1):
        newer = log.with_name(f"{log.name}.{number - 1}") if number > 1 else log
        if newer.exists():
            newer.replace(log.with_name(f"{log.name}.{number}"))


async def spawn(
    spec: ProcessSpec, directory: Path, log: Path, keep_open: Collection[int] = ()
) -> Process:
    """Start the process in a session of its own, its output appended to `log`.

    `keep_open`: file descriptors that it inherits.
    """
    with open_log(log) as output:
        return await asyncio.create_subprocess_exec(
            *spec.argv,
            env=environment(spec, directory),
            cwd="/",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            pass_fds=keep_open,
            preexec_fn=die_with_parent(),
            user=spec.user,
            group=spec.user,
            extra_groups=None if spec.user is None else [],
        )


async def end(process: Process, spec: ProcessSpec) -> None:
    """Ask the process to stop, and kill its whole group when it has not after its time."""
    if process.returncode is None:
        process.send_signal(spec.stop_signal)
        with suppress(TimeoutError):
            async with asyncio.timeout(spec.stop_timeout):
                await process.wait()
    kill_group(process.pid)
    await process.wait()


def kill_group(pid: int) -> None:
    """SIGKILL what is left of a process group; nothing left is fine."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def sweep(directory: Path, timeout: float = 10.0) -> list[int]:
    """Kill every process that a former run for `directory` left behind; returns their ids.

    The caller holds the directory's lock, so nothing that is found can belong to a living run.
    """
    left = []
    for process in psutil.process_iter():
        try:
            marked = process.environ().get(MARKER) == str(directory)
        except (psutil.Error, OSError):
            continue  # another user's process, or gone
        if marked and process.pid != os.getpid():
            left.append(process)
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(left, timeout=timeout)
    return [process.pid for process in left]
