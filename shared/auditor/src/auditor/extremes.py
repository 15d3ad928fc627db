"""Values so near an end of the scale that each single person's score is nearly known.

If the mean of n people is m, nobody can have less than 100 - n * (100 - m). The auditor takes the
fewest people that a value can stand for (five have a score of each behaviour). For values that
follow from others by subtraction, a simulation gives it the true numbers: somebody may know them.
"""

from collections.abc import Iterator, Mapping

from auditor.findings import Finding
from auditor.published import Cell, Published, Release, Truth

FLOOR = 5
LEAST_WIDTH = 50
"""Of the scale of 100 points, as much must stay possible for everybody."""

LOWEST, HIGHEST, HALF_STEP = 10, 90, 2.5


def too_near_an_end(published: Published, truth: Truth | None) -> list[Finding]:
    findings = []
    for release in published.releases:
        for cell in release.shown.values():
            for behaviour, index in cell.indexes.items():
                if index is None:
                    continue
                width = _width(*_mean(index), FLOOR)
                if width < LEAST_WIDTH:
                    words = (
                        f"{behaviour} = {index} in {cell.unit_id}: everybody's score is known to"
                        f" within {width:g} points"
                    )
                    findings.append(
                        Finding("extremes", (release.release_id,), (cell.unit_id,), words)
                    )
        if truth is not None:
            findings += _subtracted(release, truth[release.release_id])
    return findings


def _mean(index: int) -> tuple[float, float]:
    """What the mean can be: 10 stands for 10 or less, 90 for 90 or more."""
    low = 0 if index == LOWEST else max(0, index - HALF_STEP)
    high = 100 if index == HIGHEST else min(100, index + HALF_STEP)
    return low, high


def _width(low: float, high: float, people: int) -> float:
    """How many points stay possible for one of so many people, whose mean is in the range."""
    lowest = max(0.0, 100 - people * (100 - low))
    highest = min(100.0, people * high)
    return highest - lowest


def _subtracted(release: Release, answers: Mapping[str, object]) -> Iterator[Finding]:
    for cell in release.shown.values():
        highest_below = [
            other
            for other in release.shown.values()
            if cell.unit_id in other.path[:-1]
            and not any(
                node in release.shown
                for node in other.path[other.path.index(cell.unit_id) + 1 : -1]
            )
        ]
        if highest_below:
            yield from _rest(release, cell, highest_below, answers)


def _rest(
    release: Release, cell: Cell, parts: list[Cell], answers: Mapping[str, object]
) -> Iterator[Finding]:
    for behaviour, index in cell.indexes.items():
        if index is None:
            continue
        people = _scored(release, cell, behaviour, answers)
        low, high = (end * people for end in _mean(index))
        rest = people
        for part in parts:
            value = part.indexes[behaviour]
            assert value is not None
            inside = _scored(release, part, behaviour, answers)
            less, more = (end * inside for end in _mean(value))
            low, high, rest = low - more, high - less, rest - inside
        if rest <= 0:
            continue
        low, high = max(0.0, low / rest), min(100.0, high / rest)
        width = _width(low, high, rest)
        if width < LEAST_WIDTH:
            words = (
                f"{behaviour} of the {rest} people only in {cell.unit_id} is between {low:.0f} and"
                f" {high:.0f}: everybody's score is known to within {width:.0f} points"
            )
            yield Finding("extremes", (release.release_id,), (cell.unit_id,), words)


def _scored(release: Release, cell: Cell, behaviour: str, answers: Mapping[str, object]) -> int:
    count = 0
    for unit in release.below(cell.unit_id):
        profiles = answers.get(unit, ())
        count += sum(profile[behaviour] is not None for profile in profiles)  # type: ignore[attr-defined]
    return count
