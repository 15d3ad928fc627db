"""Load in steps: work arrives at a fixed rate whether or not the last is done (an open loop), so
that a wait counts from when the work was due."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import cycle
from math import ceil
from statistics import median, quantiles

import psutil

from bench.load import answered

GROWTH = 1.6
"""Each step offers so many times what the one before it did."""
_LEAST_DONE = 0.95


@dataclass(frozen=True)
class Step:
    """What came of one rate: per second offered and done, milliseconds waited, and for a piece of
    work microseconds of processor time by process, and writes that PostgreSQL waited for."""

    offered: float
    done: float
    p50: float
    p99: float
    cpu: Mapping[str, float]
    syncs: float

    def holds(self, most_ms: float) -> bool:
        """Whether the work is done as fast as it comes, and soon enough."""
        return self.done >= _LEAST_DONE * self.offered and self.p99 <= most_ms

    @property
    def cores(self) -> float:
        """Processors kept busy."""
        return self.done * sum(self.cpu.values()) / 1e6


@dataclass(frozen=True)
class Work:
    """A kind of work. `offer` takes pieces per second and seconds, and returns how many per second
    were done, and the milliseconds that each waited."""

    name: str
    offer: Callable[[float, float], Awaitable[tuple[float, Sequence[float]]]]
    processes: Mapping[str, psutil.Process]
    syncs: Callable[[], Awaitable[int]]
    first: float
    most_ms: float

    async def step(self, rate: float, seconds: float) -> Step:
        before, synced = _used(self.processes), await self.syncs()
        done, waits = await self.offer(rate, seconds)
        after, count = _used(self.processes), len(waits)
        cpu = {name: 1e6 * (after[name] - before[name]) / count for name in after}
        p99 = quantiles(waits, n=100, method="inclusive")[98]
        syncs = (await self.syncs() - synced) / count
        return Step(rate, done, median(waits), p99, cpu, syncs)

    def memory(self) -> dict[str, float]:
        """GiB that each process has now, with its children; shared pages count once."""
        families = {name: _family(process) for name, process in self.processes.items()}
        return {name: sum(map(_own, family)) / 2**30 for name, family in families.items()}


async def climb(work: Work, seconds: float, say: Callable[[str], None]) -> tuple[list[Step], Step]:
    """Steps up to the first that does not hold, and the knee: the last that held.

    Raises AssertionError if not even the first held.
    """
    steps: list[Step] = []
    rate = work.first
    while not steps or steps[-1].holds(work.most_ms):
        say(f"{work.name}: {rate:.0f} per second")
        steps.append(await work.step(rate, seconds))
        rate *= GROWTH
    assert len(steps) > 1, f"{work.name}: {steps[0]} is too much"
    return steps, steps[-2]


def _used(processes: Mapping[str, psutil.Process]) -> dict[str, float]:
    """Processor seconds of each process with all its children, ended ones too."""
    return {name: sum(map(_seconds, _family(process))) for name, process in processes.items()}


def _family(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def _seconds(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        return float(times.user + times.system + times.children_user + times.children_system)
    return 0.0


def _own(process: psutil.Process) -> int:
    with suppress(psutil.NoSuchProcess):
        return int(process.memory_full_info().pss)
    return 0


async def requests(
    port: int, raw: Iterable[bytes], rate: float, seconds: float, connections: int
) -> tuple[float, list[float]]:
    """Requests that arrive at a rate, on up to so many kept connections: how many per second were
    answered, and the milliseconds of each from when it was due.

    Raises AssertionError with the first answer that is not 200.
    """
    loop, due = asyncio.get_running_loop(), _due(rate, seconds)
    needed = min(connections, ceil(rate))  # More would lie idle until the server closes them.
    pairs = [await asyncio.open_connection("127.0.0.1", port) for _ in range(needed)]
    started, waits, left = loop.time(), list[float](), cycle(raw)

    async def work(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for at in due:
            await asyncio.sleep(max(0.0, started + at - loop.time()))
            await answered(reader, writer, next(left))
            waits.append(1e3 * (loop.time() - started - at))

    try:
        await asyncio.gather(*(work(*pair) for pair in pairs))
        return len(waits) / max(seconds, loop.time() - started), waits
    finally:
        for _, writer in pairs:
            writer.close()


def _due(rate: float, seconds: float) -> Iterator[float]:
    """Seconds from the beginning; shared by all that work."""
    return (number / rate for number in range(round(rate * seconds)))
