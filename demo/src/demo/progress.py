"""What the demo shows while it runs: phase, every unit's step, counters and notes.

A terminal gets a live picture under the notes, never wider than 80 columns or the terminal;
anything else gets a line per change.
"""

import os
import sys
from collections import Counter
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
_CELL = 26
_LINES_BESIDE_UNITS = 9  # the picture's other lines, and a note or two above it
_UNPLANNED = 99


@dataclass(frozen=True)
class UnitState:
    """Where a unit is in its journey; wave 0 is the pilot, -1 is none yet."""

    unit_id: str
    wave: int
    step: str
    status: str

    @property
    def place(self) -> str:
        """The step it is at, or the status if that says more."""
        return self.step if self.status == "active" else self.status


@dataclass
class Board:
    """Everything that the picture is drawn from."""

    phase: str = "Starting"
    units: dict[str, UnitState] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)


def bar(state: UnitState, full: str, empty: str, paused: str) -> str:
    """The five steps as five characters: those entered, then those to come."""
    if state.status == "completed":
        return full * len(STEPS)
    if state.status == "waiting" or state.step not in STEPS:
        return empty * len(STEPS)
    reached = STEPS.index(state.step) + 1
    mark = paused if state.status == "paused" else full
    return full * (reached - 1) + mark + empty * (len(STEPS) - reached)


def picture(board: Board, seconds: float, size: tuple[int, int], unicode: bool) -> list[str]:
    """The board as lines that fit `size`, the terminal's columns and rows."""
    width, height = size
    signs = ("■", "·", "‖") if unicode else ("#", ".", "=")
    clock = f"{seconds:5.0f} s"
    title = board.phase[: width - len(clock) - 1]
    lines = ["-" * width, title + clock.rjust(width - len(title))]
    if board.units:
        places = Counter(state.place for state in board.units.values())
        order = ("waiting", *STEPS, "paused", "completed")
        shown = [f"{places[place]} {place}" for place in order if places[place]]
        lines.append(f"{len(board.units)} units: {', '.join(shown)}")
        rows = -(-len(board.units) // (width // _CELL))
        fits = rows + _LINES_BESIDE_UNITS <= height
        lines += _unit_rows(board, rows, signs) if fits else _wave_rows(board, width)
        lines.append(f"one sign per step, P pilot, 1 wave, {signs[2]} paused" if fits else "")
    lines.append("   ".join(f"{name} {value}" for name, value in board.counts.items()))
    return [line[:width] for line in lines]


def _unit_rows(board: Board, rows: int, signs: tuple[str, str, str]) -> list[str]:
    states = sorted(board.units.values(), key=lambda s: s.wave if s.wave >= 0 else _UNPLANNED)
    cells = [f"{_wave(s.wave)} {s.unit_id[:16]:<16} {bar(s, *signs)}" for s in states]
    return ["".join(cell.ljust(_CELL) for cell in cells[row::rows]).rstrip() for row in range(rows)]


def _wave_rows(board: Board, width: int) -> list[str]:
    column = min(13, (width - 14) // len(STEPS))
    head = "".join(f"{step[: column - 1]:>{column}}" for step in STEPS)
    lines = [f"{'':8}{head}  done"]
    for wave in sorted({s.wave for s in board.units.values() if s.wave >= 0}):
        members = [s for s in board.units.values() if s.wave == wave]
        done = sum(s.status == "completed" for s in members)
        at = Counter(s.step for s in members if s.status in ("active", "paused"))
        name = "pilot" if wave == 0 else f"wave {wave}"
        lines.append(f"{name:<8}" + "".join(f"{at[s]:>{column}}" for s in STEPS) + f"{done:>6}")
    return lines


def _wave(number: int) -> str:
    return "P" if number == 0 else " " if number < 0 else str(number)[-1]


class Progress:
    """Lines per change; `LiveProgress` draws as well. Use as a context manager."""

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self.board = Board()
        self._out = out
        self._width = WIDTH
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
        """Show a note."""
        line = f"{self.seconds:6.1f} s  {text}"
        self._print(fill(line, self._width, subsequent_indent=" " * 10))

    def units(self, states: Mapping[str, UnitState]) -> None:
        """The units' states as of now; shows those that changed, a line per wave and step."""
        changed: dict[tuple[int, str], list[str]] = {}
        for unit_id, state in states.items():
            if self.board.units.get(unit_id) != state:
                changed.setdefault((state.wave, state.place), []).append(unit_id)
        self.board.units.update(states)
        for (wave, place), unit_ids in sorted(changed.items()):
            if place != "waiting":
                name = "pilot" if wave == 0 else f"wave {wave}"
                self._change(_fitted(f"{self.seconds:6.1f} s  {name:<7} {place:<11}", unit_ids))

    def count(self, **values: int) -> None:
        """Set counters that are shown in the picture."""
        self.board.counts.update({k: v - self.board.counts[k] for k, v in values.items()})

    def _change(self, line: str) -> None:
        self._print(line)

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
    """One picture under the notes, drawn again four times a second; it disappears at the end."""

    def __init__(self) -> None:
        super().__init__()
        # Asked now: while the picture is shown, sys.stdout is Rich's and has no encoding.
        self._unicode = (sys.stdout.encoding or "").lower().startswith("utf")
        self._console = Console()
        self._width = min(WIDTH, self._console.width)
        self._live = Live(self, console=self._console, refresh_per_second=4, transient=True)

    def __rich__(self) -> Text:
        size = (min(WIDTH, self._console.width), self._console.height)
        lines = picture(self.board, self.seconds, size, self._unicode)
        return Text("\n".join(lines), no_wrap=True, overflow="crop")

    def __enter__(self) -> "LiveProgress":
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def _change(self, line: str) -> None:
        """The picture shows it."""

    def _print(self, text: str) -> None:
        self._console.print(Text(text))


def progress() -> Progress:
    """Live if a person looks at a terminal, else plain. (Rich's own test obeys FORCE_COLOR.)"""
    live = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return LiveProgress() if live else Progress()
