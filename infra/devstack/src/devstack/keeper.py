"""Keep processes running: start, wait until ready, start again after a crash, stop on request.

A file `hold/<name>` in the stack's directory asks to keep that process stopped. What is in its
`settings.env` is added to the settings of every process that starts.
"""

import asyncio
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from devstack.files import read_env
from devstack.forkserver import ForkServer
from devstack.options import Layout, StackError
from devstack.processes import Process, ProcessSpec, end, spawn
from devstack.state import StateFile

POLL = 0.1  # seconds between looks at a starting process
HOLD_POLL = 0.1  # seconds between looks at a hold file
BACKOFF = 0.5  # seconds before a restart; doubled for each further one in quick succession
LONGEST_BACKOFF = 8.0
QUICK = 10.0  # a process that lived shorter than this is in quick succession
LOG_TAIL = 25  # lines of a log that are shown when a start fails


class Keeper:
    """Supervises any number of processes in one event loop."""

    def __init__(self, layout: Layout, state: StateFile, forks: ForkServer | None = None) -> None:
        self._layout, self._state, self._forks = layout, state, forks
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._stopping: set[str] = set()

    async def start(self, spec: ProcessSpec) -> None:
        """Start a process and return when it is ready; raises StackError when it does not get so.

        From then on it is started again whenever it ends or a restart fails, whatever the reason.
        """
        started: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._tasks[spec.name] = asyncio.create_task(self._keep(spec, started))
        await asyncio.wait([started, self._tasks[spec.name]], return_when=asyncio.FIRST_COMPLETED)
        if not started.done():
            self._tasks[spec.name].result()  # the task broke: raise what broke it
        started.result()

    async def run_once(self, spec: ProcessSpec) -> None:
        """Run a process to its end; raises StackError unless that is an exit with 0 in time."""
        process = await self._spawn(spec)
        self._state.change(spec.name, "starting", process.pid)
        try:
            async with asyncio.timeout(spec.deadline):
                code = await process.wait()
        except TimeoutError:
            raise self._failure(spec, f"was not done after {spec.deadline:.0f} s") from None
        finally:
            await end(process, spec)
        if code != 0:
            raise self._failure(spec, f"exited with {code}")
        self._state.change(spec.name, "done")

    async def stop(self, names: Iterable[str]) -> None:
        """Stop these processes, all at once, and wait until they are gone."""
        # Not by cancelling alone: a library may swallow that (asyncio.wait_for of 3.11 does).
        self._stopping.update(names)
        tasks = [self._tasks.pop(name) for name in names if name in self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep(self, spec: ProcessSpec, started: asyncio.Future[None]) -> None:
        quick_ends = 0
        while spec.name not in self._stopping:
            began = time.monotonic()
            what = "ended"
            try:
                await self._while_held(spec)
                if await self._live_once(spec, started):
                    continue
            except Exception as error:
                if not started.done():
                    started.set_exception(error)
                    return
                if not isinstance(error, StackError):
                    what = f"failed ({error!r})"
            if self._held(spec):  # it ended because it was to: nothing is started again
                continue
            quick_ends = quick_ends + 1 if time.monotonic() - began < QUICK else 0
            with suppress(OSError):  # a full disk ends no supervision
                print(
                    f"{datetime.now(UTC):%F %T} UTC: {spec.name} {what} and is started again",
                    flush=True,
                )
                self._state.change(spec.name, "restarting")
            await asyncio.sleep(min(BACKOFF * 2 ** max(quick_ends - 1, 0), LONGEST_BACKOFF))

    async def _live_once(self, spec: ProcessSpec, started: asyncio.Future[None]) -> bool:
        """One life of the process; returns whether it ended because it is to be held."""
        process = await self._spawn(spec)
        try:
            self._state.change(spec.name, "starting", process.pid, url=spec.url)
            await self._until_ready(spec, process)
            self._state.change(spec.name, "ready", process.pid)
            if not started.done():
                started.set_result(None)
            return await self._until_end_or_hold(spec, process)
        finally:
            await end(process, spec)

    async def _spawn(self, spec: ProcessSpec) -> Process:
        if spec.before is not None:
            self._state.change(spec.name, "preparing")
            await asyncio.to_thread(spec.before)
        spec = replace(spec, env={**spec.env, **read_env(self._layout.settings)})
        if spec.forked and self._forks is not None:
            return await self._forks.spawn(spec, self._layout.log(spec.name))
        return await spawn(spec, self._layout.root, self._layout.log(spec.name))

    async def _until_ready(self, spec: ProcessSpec, process: Process) -> None:
        assert spec.probe is not None, f"{spec.name} has no probe"
        until = time.monotonic() + spec.deadline
        while not await spec.probe():
            if process.returncode is not None:
                raise self._failure(spec, f"exited with {process.returncode}")
            if self._held(spec):
                return  # the caller ends it
            if time.monotonic() > until:
                raise self._failure(spec, f"was not ready after {spec.deadline:.0f} s")
            await asyncio.sleep(POLL)

    async def _until_end_or_hold(self, spec: ProcessSpec, process: Process) -> bool:
        gone = asyncio.create_task(process.wait())
        try:
            while not gone.done():
                if self._held(spec):
                    return True
                await asyncio.wait([gone], timeout=HOLD_POLL)
            return False
        finally:
            gone.cancel()

    async def _while_held(self, spec: ProcessSpec) -> None:
        hold = self._layout.hold / spec.name
        if hold.exists():
            self._state.change(spec.name, "stopped")
        while hold.exists():  # noqa: ASYNC110
            await asyncio.sleep(HOLD_POLL)

    def _held(self, spec: ProcessSpec) -> bool:
        return spec.name in self._stopping or (self._layout.hold / spec.name).exists()

    def _failure(self, spec: ProcessSpec, what: str) -> StackError:
        log = self._layout.log(spec.name)
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_TAIL:]
        tail = "\n".join(f"  | {line}" for line in lines) or "  | (the log is empty)"
        return StackError(f"{spec.name} {what}; the end of {log}:\n{tail}")
