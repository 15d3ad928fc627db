"""kill -9, one process after another, and how long each took to be ready again.

A server can also lose all its data.
"""

import asyncio
import shutil
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from time import monotonic

from devstack import Stack

SERVERS = ("kafka", "postgres", "temporal")
SERVICES = (
    *(f"{name}-api" for name in ("assessment", "content", "notification", "people", "workflow")),
    *(f"{name}-worker" for name in ("assessment", "content", "notification", "people", "workflow")),
    "workflow-temporal",
    "portal-web",
)
_RECOVERY_SECONDS = 120.0


@dataclass(frozen=True)
class Kill:
    """One kill: when it was (seconds from the start of the load), and until ready again."""

    process: str
    at: float
    recovery: float


class Killer:
    """Kills in an order, and at moments, that follow from the seed."""

    def __init__(self, stack: Stack, seed: int, longest_pause: float) -> None:
        """`longest_pause`: seconds from one process's recovery to the next one's end."""
        self._stack, self._chance, self._start = stack, Random(seed), monotonic()
        self._longest_pause = longest_pause
        self.kills: list[Kill] = []

    async def each_once(self, processes: Sequence[str]) -> None:
        """Raises StackError when one does not come back."""
        order = list(processes)
        self._chance.shuffle(order)
        for process in order:
            await asyncio.sleep(self._chance.uniform(0.5, self._longest_pause))
            await self._kill(process)

    async def delete(self, server: str) -> None:
        """Kill it without any of its data left: it starts again, and empty.

        Raises FileNotFoundError if its data are elsewhere, as in a container.
        """
        self._stack.kill(server, signal.SIGSTOP)  # so that it is not back before all is deleted
        shutil.rmtree(self._stack.directory / "data" / server)
        await self._kill(server, " with all its data")

    async def _kill(self, process: str, how: str = "") -> None:
        at = monotonic()
        pid = self._stack.kill(process)
        print(f"{at - self._start:6.1f} s  kill -9 {pid} {process}{how}", flush=True)
        await self._stack.wait_ready(process, timeout=_RECOVERY_SECONDS)
        self.kills.append(Kill(process, round(at - self._start, 1), round(monotonic() - at, 1)))


class Spared(Stack):
    """The stack for the demo's story, which kills a process too: here only the killer kills."""

    def kill(self, name: str, sig: signal.Signals = signal.SIGKILL) -> int:
        return 0

    async def wait_ready(self, name: str, timeout: float = 60.0) -> None:  # noqa: ASYNC109
        return
