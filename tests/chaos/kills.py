"""kill -9, one process after another, and how long each took to be ready again.

A server can also lose all its data.
"""

import asyncio
import shutil
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

from chaos.run_ledger import Moves
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
    """Kills in an order and at moments that are given."""

    def __init__(self, stack: Stack, moves: Moves, longest_pause: float) -> None:
        """`longest_pause`: seconds from one process's recovery to the next one's end."""
        self._stack, self._moves = stack, moves
        self._longest_pause = longest_pause
        self.kills: list[Kill] = []

    async def each_once(self, processes: Sequence[str]) -> None:
        """Raises StackError when one does not come back."""
        for process, pause in self._moves.kills(processes, self._longest_pause):
            await asyncio.sleep(pause)
            await self._kill(process, pause)

    async def delete(self, server: str) -> None:
        """Kill it without any of its data left: it starts again, and empty.

        Raises FileNotFoundError if its data are elsewhere, as in a container.
        """
        self._stack.kill(server, signal.SIGSTOP)  # so that it is not back before all is deleted
        shutil.rmtree(self._stack.directory / "data" / server)
        at = self._moves.note("delete", data=server)
        await self._recover(server, at)

    async def _kill(self, process: str, pause: float) -> None:
        await self._recover(process, self._moves.note("kill -9", process=process, pause=pause))

    async def _recover(self, process: str, at: float) -> None:
        begun = monotonic()
        self._stack.kill(process)
        await self._stack.wait_ready(process, timeout=_RECOVERY_SECONDS)
        self.kills.append(Kill(process, at, round(monotonic() - begun, 1)))


class Spared(Stack):
    """The stack for the demo's story, which kills a process too: here only the killer kills."""

    def kill(self, name: str, sig: signal.Signals = signal.SIGKILL) -> int:
        return 0

    async def wait_ready(self, name: str, timeout: float = 60.0) -> None:  # noqa: ASYNC109
        return
