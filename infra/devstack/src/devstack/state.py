"""What a running stack shows to the outside, in one JSON file: its phase and each process's state.

The supervisor alone writes it, atomically; everyone else only reads. It holds no secrets.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from devstack.files import read_json, write_atomically

Phase = Literal["starting", "servers", "ready", "failed", "stopping"]
Recorded = Literal[
    "waiting", "preparing", "starting", "ready", "done", "restarting", "stopped", "external"
]
ProcessState = Recorded | Literal["frozen", "unready", "gone"]  # found by `devstack.check`


@dataclass
class ProcessStatus:
    """One process: `note` is a line of progress, `restarts` counts what was not asked for."""

    name: str
    state: ProcessState = "waiting"
    pid: int | None = None
    restarts: int = 0
    url: str = ""
    note: str = ""


@dataclass
class StackState:
    """The whole stack; `error` is set in the phase `failed`. `notices`: what is not as before."""

    pid: int = 0
    phase: Phase = "starting"
    error: str = ""
    notices: list[str] = field(default_factory=list)
    processes: dict[str, ProcessStatus] = field(default_factory=dict)


def read_state(path: Path) -> StackState | None:
    """The last written state, or None when no stack runs or ran."""
    raw = read_json(path)
    if not raw:
        return None
    processes = {name: ProcessStatus(**status) for name, status in raw.pop("processes").items()}
    return StackState(**raw, processes=processes)


class StateFile:
    """The supervisor's copy of the state, written out at every change."""

    def __init__(self, path: Path, pid: int) -> None:
        self._path = path
        self.state = StackState(pid=pid)
        self.write()

    def write(self) -> None:
        write_atomically(self._path, json.dumps(asdict(self.state), indent=1))

    def phase(self, phase: Phase, error: str = "") -> None:
        self.state.phase, self.state.error = phase, error
        self.write()

    def notice(self, sentence: str) -> None:
        self.state.notices.append(sentence)
        self.write()

    def announce(self, names: Iterable[str]) -> None:
        """Show processes that will be started later."""
        for name in names:
            self.state.processes[name] = ProcessStatus(name)
        self.write()

    def process(self, name: str) -> ProcessStatus:
        return self.state.processes.setdefault(name, ProcessStatus(name))

    def change(
        self, name: str, state: Recorded, pid: int | None = None, note: str = "", url: str = ""
    ) -> None:
        """Record what a process is doing now; a restart is counted by the state itself."""
        status = self.process(name)
        status.restarts += state == "restarting"
        status.state, status.pid, status.note = state, pid, note
        status.url = url or status.url
        self.write()
