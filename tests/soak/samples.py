"""What each process of a stack uses, read again and again, and how it changes."""

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression, mean

from devstack import Stack
from devstack.service_env import PROCESSES

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
MOST_PERCENT_PER_HOUR = 1.0
MOST_MORE_FILES = 5
"""Connections that a process may open to other servers after it has warmed up."""


@dataclass(frozen=True)
class Sample:
    """What a process uses at `seconds` of the run: bytes of memory (RSS), open files."""

    seconds: float
    pid: int
    memory: int
    files: int


@dataclass(frozen=True)
class Change:
    """What a process's samples say, after it has warmed up."""

    megabytes: float
    percent_per_hour: float
    files: int
    more_files: int
    restarts: int

    def faults(self, is_long: bool) -> list[str]:
        """What is wrong with it. Memory is judged only if the run was long."""
        found = []
        if is_long and self.percent_per_hour > MOST_PERCENT_PER_HOUR:
            found.append(f"memory grows by {self.percent_per_hour:.1f} % per hour")
        if self.more_files > MOST_MORE_FILES:
            found.append(f"{self.more_files} more files are open")
        if self.restarts:
            found.append(f"it was started again {self.restarts} times")
        return found


class Samples:
    """By process."""

    def __init__(self) -> None:
        self.of: dict[str, list[Sample]] = defaultdict(list)

    def take(self, stack: Stack, seconds: float) -> None:
        """Read every process of the services; one that does not run now has no sample."""
        state = stack.state.processes
        for name in PROCESSES:
            if pid := state[name].pid:
                self.of[name].append(sample(pid, seconds))

    def changes(self, after: float) -> Mapping[str, Change]:
        """From the samples after so many seconds."""
        return {
            name: change([one for one in samples if one.seconds >= after])
            for name, samples in self.of.items()
        }


def sample(pid: int, seconds: float) -> Sample:
    """Of one process. Raises FileNotFoundError if there is none."""
    process = Path(f"/proc/{pid}")
    pages = int((process / "statm").read_text().split()[1])
    return Sample(seconds, pid, pages * _PAGE_BYTES, len(os.listdir(process / "fd")))


def change(samples: Sequence[Sample]) -> Change:
    """The line through the memory of all samples; files as the last fifth has more than the
    first."""
    times, memory = [one.seconds for one in samples], [one.memory for one in samples]
    slope = linear_regression(times, memory).slope
    files = [one.files for one in samples]
    part = max(len(files) // 5, 1)
    return Change(
        megabytes=memory[-1] / 1024**2,
        percent_per_hour=100 * 3600 * slope / mean(memory[:part]),
        files=files[-1],
        more_files=round(mean(files[-part:]) - mean(files[:part])),
        restarts=len({one.pid for one in samples}) - 1,
    )
