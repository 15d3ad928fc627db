"""Show a stack coming up: a live table on a terminal, one plain line per change elsewhere."""

import sys
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.table import Table

from devstack.check import is_frozen
from devstack.options import SERVICES
from devstack.state import ProcessState, StackState

WIDTH = 80
PORTAL = "PORTAL_URL"
SERVICE_URLS = tuple(f"{service.upper()}_URL" for service in SERVICES)
URLS = (
    *SERVICE_URLS,
    *("TEMPORAL_UI_URL", "MAILBOX_URL", "ISSUER_URL", "ZIPKIN_URL", "PROMETHEUS_URL"),
    *("KAFKA_BOOTSTRAP_SERVERS", "TEMPORAL_ADDRESS"),
)


_PHASES = {
    "starting": "starting",
    "servers": "up without its services",
    "ready": "up",
    "failed": "not up:",
    "stopping": "stopping",
}


class Progress(AbstractContextManager["Progress"]):
    """Call it with each state; it prints what is new. Output goes to standard error.

    `live` asks for the table or for lines; by default a terminal gets the table.
    """

    def __init__(self, live: bool | None = None) -> None:
        self._began = time.monotonic()
        self._shown: dict[str, tuple[ProcessState, str]] = {}
        if live is None:
            live = sys.stderr.isatty()  # Rich's own question is fooled by FORCE_COLOR
        self._state: StackState | None = None
        self._notices = 0
        console = Console(stderr=True)
        self._live = (
            Live(console=console, get_renderable=self._table, transient=True) if live else None
        )

    def __enter__(self) -> "Progress":
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def __call__(self, state: StackState) -> None:
        now = {name: (status.state, status.note) for name, status in state.processes.items()}
        self._state = state
        for sentence in state.notices[self._notices :]:
            print(sentence, file=sys.stderr)
        self._notices = len(state.notices)
        if now == self._shown:
            return
        if self._live is None:
            for name, (what, note) in now.items():
                if what != "waiting" and self._shown.get(name) != (what, note):
                    since = time.monotonic() - self._began
                    print(f"{since:6.1f} s  {name:20} {what} {note}".rstrip(), file=sys.stderr)
        self._shown = now

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        table.add_row("starting the stack", f"{time.monotonic() - self._began:.0f} s")
        for name, status in (self._state.processes if self._state else {}).items():
            table.add_row(name, status.state, status.note)
        return table


def address_lines(env: Mapping[str, str], services: bool = True) -> list[str]:
    """Where a person finds what runs; `services` are left out if they were not started."""
    names = [name for name in URLS if env.get(name) and (services or name not in SERVICE_URLS)]
    lines = [f"  {name:24} {env[name]}" for name in names]
    if services and env.get(PORTAL):
        lines += [
            f"The portal: {env[PORTAL]}",
            "Sign in there as administrator, manager, employee, or anybody imported.",
        ]
    return lines


def status_lines(state: StackState) -> list[str]:
    """The processes as a table of at most 80 columns."""
    lines = [] if state.phase == "ready" else [f"the stack is {_PHASES[state.phase]} {state.error}"]
    if state.pid and is_frozen(state.pid):
        lines.append(f"its supervisor, process {state.pid}, is frozen: nothing is started again")
    lines += [f"{'process':20} {'state':11} {'pid':>7} {'restarts':>8}  address"]
    for status in state.processes.values():
        pid = "" if status.pid is None else str(status.pid)
        row = f"{status.name:20} {status.state:11} {pid:>7} {status.restarts:>8}  {status.url}"
        lines.append(row.rstrip())
    return lines
