"""Start Python processes by forking one that has imported their libraries: 5 ms instead of 3 s.

Each becomes a child of the supervisor itself, in a session of its own: it outlives the fork
server, and is killed, waited for and started again like any other process.
"""

import asyncio
import ctypes
import gc
import importlib
import json
import os
import runpy
import socket
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

from devstack.processes import (
    Process,
    ProcessSpec,
    die_with,
    environment,
    kill_group,
    open_log,
    spawn,
)

# Only what others wrote: each process imports the project's own code anew, as it is then.
LIBRARIES = (
    *("aiokafka.admin", "aiosmtpd.smtp", "aiosmtplib", "alembic.command", "alembic.config"),
    *("asyncpg", "cryptography.hazmat.primitives.ciphers.aead", "fastapi.staticfiles"),
    *("fastapi_offline", "faststream.kafka", "httpcore", "jinja2.sandbox", "joserfc.jwt"),
    *("openpyxl", "opentelemetry.exporter.otlp.proto.http.trace_exporter"),
    *("prometheus_client", "pydantic_settings", "scim2_models", "scim2_server.handler", "segno"),
    *("sqlalchemy.dialects.postgresql.asyncpg", "sqlmodel.ext.asyncio.session"),
    *("standardwebhooks", "temporalio.contrib.pydantic"),
    *("temporalio.worker", "uvicorn", "uvloop"),
)
PATIENCE = 30.0  # seconds for an answer; the first one waits for the imports
LONGEST_ORDER = 100_000  # bytes
PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None, use_errno=True)


class ForkServer:
    """The supervisor's end. Once the fork server is gone, every start is an ordinary one."""

    def __init__(self, directory: Path, log: Path, libraries: Iterable[str] = LIBRARIES) -> None:
        self._directory, self._log = directory, log
        self._argv = (sys.executable, "-m", "devstack.forkserver", *libraries)
        self._process: Process | None = None
        self._control: socket.socket | None = None
        self._one_order = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Return at once; the imports go on meanwhile."""
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.setblocking(False)
        with theirs:
            spec = ProcessSpec("fork-server", (*self._argv, str(theirs.fileno())))
            kept = (theirs.fileno(),)
            self._process = await spawn(spec, self._directory, self._log, keep_open=kept)

    async def stop(self) -> None:
        """End the fork server; what it forked goes on."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            kill_group(self._process.pid)
            await self._process.wait()
            self._process = None

    async def spawn(self, spec: ProcessSpec, log: Path) -> Process:
        """Start `python -m MODULE ...`, by forking if possible."""
        async with self._one_order:
            if self._control is not None and not _configures_python(spec):
                output = open_log(log)
                try:
                    return Forked(await self._order(self._control, spec, output))
                except (OSError, TimeoutError, ValueError) as error:
                    print(f"the fork server does not answer ({error!r}): go on without", flush=True)
                    await self.stop()
                except BaseException:  # the answer to this order must not be taken for another's
                    await self.stop()
                    raise
                finally:
                    output.close()
        return await spawn(spec, self._directory, log)

    async def _order(self, control: socket.socket, spec: ProcessSpec, log: IO[bytes]) -> int:
        """The id of a new child. Raises OSError, TimeoutError, or ValueError for no answer."""
        loop = asyncio.get_running_loop()
        env = environment(spec, self._directory)
        order = {"name": spec.name, "argv": spec.argv[2:], "env": env}
        # Only for this moment: else the orphans of a killed PostgreSQL became ours, too.
        _libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
        try:
            async with asyncio.timeout(PATIENCE):
                socket.send_fds(control, [json.dumps(order).encode()], [log.fileno()])
                return int(await loop.sock_recv(control, 32))
        finally:
            _libc.prctl(PR_SET_CHILD_SUBREAPER, 0)


def _configures_python(spec: ProcessSpec) -> bool:
    """Whether it sets what an interpreter reads at its start, such as PYTHONPATH."""
    return any(name.startswith("PYTHON") for name in spec.env)


class Forked:
    """A child that the fork server has made: what asyncio offers for one that it started itself."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._gone = asyncio.Event()
        self._handle = os.pidfd_open(pid)
        asyncio.get_running_loop().add_reader(self._handle, self._reap)

    def _reap(self) -> None:
        asyncio.get_running_loop().remove_reader(self._handle)
        os.close(self._handle)
        _, status = os.waitpid(self.pid, 0)
        self.returncode = os.waitstatus_to_exitcode(status)
        self._gone.set()

    async def wait(self) -> int:
        await self._gone.wait()
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, sign: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, sign)


def main(libraries: Iterable[str], control: socket.socket) -> None:
    """Import, then fork for every order, until the supervisor closes its end."""
    for library in libraries:
        importlib.import_module(library)
    gc.freeze()  # what is never looked at by the collector stays shared memory
    supervisor = os.getppid()
    while True:
        raw, logs, _, _ = socket.recv_fds(control, LONGEST_ORDER, 1)
        if not raw:
            return
        if os.fork() == 0:  # a helper, which only ends: its child thereby falls to the supervisor
            helper = os.getpid()
            if os.fork() == 0:
                order = json.loads(raw)
                _become(order, logs[0], helper, supervisor)
                control.send(str(os.getpid()).encode())
                control.close()
                runpy.run_module(order["argv"][0], run_name="__main__", alter_sys=True)
                return
            os._exit(0)
        os.wait()
        os.close(logs[0])


def _become(order: dict[str, Any], log: int, helper: int, supervisor: int) -> None:
    """Take on everything that a process of its own would have from its start."""
    os.setsid()
    while os.getppid() == helper:
        time.sleep(0.001)
    die_with(supervisor)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    os.environ.clear()
    os.environ.update(order["env"])
    sys.argv[:] = order["argv"]
    Path("/proc/self/comm").write_text(order["name"][:15], encoding="ascii")  # what `top` shows


if __name__ == "__main__":
    main(sys.argv[1:-1], socket.socket(fileno=int(sys.argv[-1])))
