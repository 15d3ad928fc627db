"""What the bench finds out: rates with their spread and ratios, and counters that are exact."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

Run = Callable[[], Awaitable[float]]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Measure:
    """One figure, measured several times.

    `ratios` say how many times this the section's subject is, round by round: both were taken
    within seconds of each other, so what else the machine was doing weighs on both.
    """

    name: str
    unit: str
    runs: Sequence[float]
    ratios: Sequence[float] = ()
    target: float | None = None

    @property
    def median(self) -> float:
        return median(self.runs)

    @property
    def ratio(self) -> float | None:
        return median(self.ratios) if self.ratios else None

    @property
    def met(self) -> bool | None:
        """Whether the target ratio is reached; None if there is no target."""
        return None if self.target is None or self.ratio is None else self.ratio >= self.target


@dataclass(frozen=True)
class Counter:
    """A number that does not depend on the machine's speed. `limit`: no more than this is right."""

    name: str
    value: float
    limit: float | None = None

    @property
    def ok(self) -> bool:
        return self.limit is None or self.value <= self.limit


@dataclass(frozen=True)
class Section:
    """One question: what was measured under which conditions."""

    title: str
    conditions: str
    measures: Sequence[Measure] = field(default_factory=list)
    counters: Sequence[Counter] = field(default_factory=list)


async def interleave(
    candidates: Mapping[str, Run], rounds: int, say: Say
) -> dict[str, list[float]]:
    """Run every candidate in turn, `rounds` times: A B C A B C. A warm-up round is not counted."""
    results: dict[str, list[float]] = {name: [] for name in candidates}
    for number in range(-1, rounds):
        for name, run in candidates.items():
            say(f"{name}: {'warm-up' if number < 0 else f'run {number + 1} of {rounds}'}")
            figure = await run()
            if number >= 0:
                results[name].append(figure)
    return results


def compare(
    results: Mapping[str, Sequence[float]], unit: str, targets: Mapping[str, float]
) -> list[Measure]:
    """One measure per candidate. The first is the subject, the others get its ratio to them."""
    (subject, own), *others = results.items()
    measures = [Measure(subject, unit, own)]
    for name, runs in others:
        ratios = [mine / its for mine, its in zip(own, runs, strict=True)]
        measures.append(Measure(name, unit, runs, ratios, targets.get(name)))
    return measures
