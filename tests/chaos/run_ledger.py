"""The ledger of a run of `make chaos`: what was done to which process, when, and how it ended.

One JSON object a line, in order: a `run`, and for each test its `step`s and its `outcome`. A later
run does the same again with `--replay`.
"""

import json
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any

from devstack import CHECKOUT

FOLDER = CHECKOUT / ".stack" / "chaos"


class UnusableLedger(Exception):
    """The file is not a ledger of a run; the text says why."""


@dataclass(frozen=True)
class Recorded:
    """What a ledger says. `tests`: node ids in their order; `kills`: those of each test."""

    options: dict[str, Any]
    tests: list[str]
    kills: dict[str, list[tuple[str, float]]]


class RunLedger:
    """An append-only file; a step reaches it before it is done."""

    def __init__(self, path: Path, options: dict[str, Any]) -> None:
        """`options`: what a replay needs to know, the seed among it."""
        self.path = path
        self._options = options

    def write(self, **entry: Any) -> None:
        """A line, with the time. The file begins with the first line."""
        if not self.path.exists():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._append(run=self._options, commit=_commit())
        self._append(**entry)

    def _append(self, **entry: Any) -> None:
        line = json.dumps({"time": datetime.now(UTC).isoformat(timespec="milliseconds"), **entry})
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


@dataclass
class Moves:
    """What happens in one test: drawn from the seed, or as recorded; noted and shown either way."""

    seed: int
    test: str = ""
    ledger: RunLedger | None = None
    recorded: Sequence[tuple[str, float]] | None = None
    _start: float = field(default_factory=monotonic)

    def __post_init__(self) -> None:
        self._chance, self._pauses = Random(self.seed), Random(f"{self.seed} pauses")
        self._left = None if self.recorded is None else list(self.recorded)

    def kills(self, names: Sequence[str], longest_pause: float) -> Iterator[tuple[str, float]]:
        """Each name once, in some order, with the pause before it in seconds."""
        if self._left is not None:
            now, self._left = self._left[: len(names)], self._left[len(names) :]
            yield from now
            return
        order = list(names)
        self._chance.shuffle(order)
        for name in order:
            yield name, round(self._chance.uniform(0.5, longest_pause), 2)

    def pauses(self, shortest: float, longest: float) -> Iterator[float]:
        """Seconds, as many as one takes."""
        while True:
            yield round(self._pauses.uniform(shortest, longest), 2)

    def note(self, done: str, **details: Any) -> float:
        """Write down what is done now; returns the seconds since the start."""
        at = round(monotonic() - self._start, 1)
        shown = " ".join(str(value) for value in details.values())
        print(f"{at:6.1f} s  {done} {shown}", flush=True)
        if self.ledger:
            self.ledger.write(test=self.test, step=done, at=at, **details)
        return at


def read(path: Path) -> Recorded:
    """Raises UnusableLedger."""
    try:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        options = lines[0]["run"]
        tests = [line["test"] for line in lines if "outcome" in line]
        kills: dict[str, list[tuple[str, float]]] = {test: [] for test in tests}
        for line in lines:
            if line.get("step") == "kill -9":
                kills.setdefault(line["test"], []).append((line["process"], line["pause"]))
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise UnusableLedger(f"{path} is no ledger of a run: {error!r}") from error
    return Recorded(options, list(kills), kills)


def new_path(seed: int) -> Path:
    """Where this run's ledger goes."""
    return FOLDER / f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{seed}.jsonl"


def _commit() -> str:
    """The commit, with `+` if files differ from it; empty in a copy without history."""
    said = [
        subprocess.run(("git", *command), cwd=CHECKOUT, capture_output=True, text=True)
        for command in (("rev-parse", "HEAD"), ("status", "--porcelain"))
    ]
    return said[0].stdout.strip() + ("+" if said[1].stdout else "")
