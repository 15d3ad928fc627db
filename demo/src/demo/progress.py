"""What the demo shows while it runs: phase, every unit's step, counters, the latest notes.

A terminal gets one live picture of at most 80 columns; anything else gets a line per change.
"""

import sys
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from textwrap import fill
from time import monotonic
from typing import TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text

WIDTH = 80
STEPS = ("preparation", "baseline", "modules", "follow_up", "after_care")
_NOTES_SHOWN = 5
_CELL, _COLUMNS = 26, 3


@dataclass(frozen=True)
class UnitState:
    """Where a unit is in its journey; wave 0 is the pilot."""

    unit_id: str
    wave: int
    step: str
    status: str


@dataclass
class Board:
    """Everything that the picture is drawn from."""

    phase: str = "starting"
    units: dict[str, UnitState] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    notes: deque[str] = field(default_factory=lambda: deque(maxlen=_NOTES_SHOWN))


def bar(state: UnitState, full: str, empty: str, paused: str) -> str:
    """The five steps as five characters: those entered, then those to come."""
    if state.status == "completed":
        return full * len(STEPS)
    if state.status == "waiting" or state.step not in STEPS:
        return empty * len(STEPS)
    reached = STEPS.index(state.step) + 1
    mark = paused if state.status == "paused" else full
    return full * (reached - 1) + mark + empty * (len(STEPS) - reached)


def picture(board: Board, seconds: float, height: int, unicode: bool) -> list[str]:
    """The board as lines of at most 80 characters."""
    signs = ("■", "·", "‖") if unicode else ("#", ".", "=")
    clock = f"{seconds:5.0f} s"
    title = board.phase[: WIDTH - len(clock) - 2]
    key = f"{signs[0]} preparation, baseline, modules, follow-up, after-care   {signs[2]} paused"
    lines = [title + clock.rjust(WIDTH - len(title)), key, ""]
    rows = -(-len(board.units) // _COLUMNS)
    if rows + _NOTES_SHOWN + 7 <= height:
        lines += _unit_rows(board, rows, signs)
    else:
        lines += _wave_rows(board)
    lines += ["", _counters(board.counts)]
    lines += [f"  {note}"[:WIDTH] for note in board.notes]
    return lines


def _unit_rows(board: Board, rows: int, signs: tuple[str, str, str]) -> list[str]:
    states = sorted(board.units.values(), key=lambda s: s.wave)
    cells = [f"{_wave(s.wave)} {s.unit_id[:16]:<16} {bar(s, *signs)}" for s in states]
    return [
        "".join(cell.ljust(_CELL) for cell in cells[row::rows]).rstrip()[:WIDTH]
        for row in range(rows)
    ]


def _wave_rows(board: Board) -> list[str]:
    lines = [f"{'':8}" + "".join(f"{step:>13}" for step in STEPS) + f"{'done':>7}"]
    for wave in sorted({s.wave for s in board.units.values()}):
        members = [s for s in board.units.values() if s.wave == wave]
        done = sum(s.status == "completed" for s in members)
        at = Counter(s.step for s in members if s.status in ("active", "paused"))
        name = "pilot" if wave == 0 else f"wave {wave}"
        lines.append(f"{name:<8}" + "".join(f"{at[step]:>13}" for step in STEPS) + f"{done:>7}")
    return lines


def _wave(number: int) -> str:
    return "P" if number == 0 else "?" if number < 0 else str(number)[-1]


def _counters(counts: Mapping[str, int]) -> str:
    return "  ".join(f"{name} {value}" for name, value in counts.items())[:WIDTH]


class Progress:
    """Lines per change; `LiveProgress` draws instead. Use as a context manager."""

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self.board = Board()
        self._out = out
        self._start = monotonic()

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    @property
    def seconds(self) -> float:
        return monotonic() - self._start

    def phase(self, title: str) -> None:
        """A new phase begins."""
        self.board.phase = title
        self._print(f"\n== {title}")

    def say(self, text: str) -> None:
        """Something worth telling happened."""
        self.board.notes.append(f"{self.seconds:5.1f} s  {text}")
        self._print(fill(f"{self.seconds:6.1f} s  {text}", WIDTH, subsequent_indent=" " * 10))

    def units(self, states: Mapping[str, UnitState]) -> None:
        """The units' states as of now; tells those that changed, a line per wave and step."""
        changed: dict[tuple[int, str], list[str]] = {}
        for unit_id, state in states.items():
            if self.board.units.get(unit_id) != state:
                word = state.step if state.status == "active" else state.status
                changed.setdefault((state.wave, word), []).append(unit_id)
        self.board.units.update(states)
        for (wave, word), unit_ids in sorted(changed.items()):
            if word != "waiting":
                name = "pilot" if wave == 0 else f"wave {wave}"
                self._print(_fitted(f"{self.seconds:6.1f} s  {name:<7} {word:<11}", unit_ids))

    def count(self, **values: int) -> None:
        """Set counters that are shown in the picture."""
        self.board.counts.update({k: v - self.board.counts[k] for k, v in values.items()})

    def _print(self, text: str) -> None:
        print(text, file=self._out, flush=True)


def _fitted(start: str, names: list[str]) -> str:
    """`start` and as many names as 80 columns hold, with the number of those left out."""
    line, shown = start, 0
    for name in names:
        if len(line) + len(name) + 10 > WIDTH:
            break
        line += f" {name}"
        shown += 1
    return line + (f" +{len(names) - shown}" if shown < len(names) else "")


class LiveProgress(Progress):
    """One picture, drawn anew four times a second."""

    def __init__(self) -> None:
        super().__init__()
        self._console = Console(width=WIDTH)
        self._live = Live(self, console=self._console, refresh_per_second=4, transient=True)

    def __rich__(self) -> Text:
        unicode = (sys.stdout.encoding or "").lower().startswith("utf")
        lines = picture(self.board, self.seconds, self._console.size.height, unicode)
        return Text("\n".join(lines), no_wrap=True, overflow="crop")

    def __enter__(self) -> "LiveProgress":
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def _print(self, text: str) -> None:
        return None


def progress() -> Progress:
    """Live if a person looks at a terminal, else plain. (Rich's own test obeys FORCE_COLOR.)"""
    return LiveProgress() if sys.stdout.isatty() else Progress()
