"""Which shares of participation are published, as bands such as `75-89` per cent.

Bands of units and of the whole add up: together they can reveal how many people of a unit answered.
So each is published only if at least three numbers stay possible for every unit, whatever the band
turns out to be. What decides is what a reader who knows the rules may know already: headcounts, the
shown units, in which units k people answered, and earlier bands. So a missing band says no more
("simulatable auditing": Kenthapadi, Mishra & Nissim 2005).

Only asked units and the roots have bands. Between them a third level would need more than the
arithmetic below.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from assessment_service.domain.privacy_rule import LEAST_POSSIBLE

Band = Literal["0-49", "50-74", "75-89", "90-100", "0-74", "75-100"]

_BANDS: tuple[tuple[int, int, Band], ...] = (
    (0, 49, "0-49"),
    (50, 74, "50-74"),
    (75, 89, "75-89"),
    (90, 100, "90-100"),
)
_SMALL_UNIT_BANDS: tuple[tuple[int, int, Band], ...] = ((0, 74, "0-74"), (75, 100, "75-100"))
_SMALL_UNIT = 20


@dataclass(frozen=True, slots=True)
class Participation:
    """How many of a unit's people answered: `answered` is secret, the rest is known to everybody.

    A unit that is shown by itself has at least k answers.
    """

    unit_id: str
    answered: int
    headcount: int


@dataclass(frozen=True, slots=True)
class Range:
    """Whole numbers from `low` to `high`; false if there are none."""

    low: int
    high: int

    def __bool__(self) -> bool:
        return self.high >= self.low

    @property
    def width(self) -> int:
        return self.high - self.low

    def within(self, other: "Range") -> "Range":
        return Range(max(self.low, other.low), min(self.high, other.high))


class _Known:
    """What everybody can work out about a tree: the range of each part, which add up to `low` to
    `high`, and what the root's band says about the sum."""

    def __init__(self, parts: Iterable[Range]) -> None:
        ranges = list(parts)
        self.low = sum(one.low for one in ranges)
        self.high = sum(one.high for one in ranges)
        self.total: Range | None = None
        self._widths = Counter(one.width for one in ranges)
        self._widest = max(self._widths, default=0)

    def leaves_enough(self, before: Range, after: Range, total: Range | None) -> bool:
        """Whether every part keeps three possible numbers, or all that it has, if the range of one
        is narrowed from `before` to `after`.

        A part is cut from below by what the others can have at most, and from above by what they
        must have at least.
        """
        if total is None:
            return True
        low, high = self.low + after.low - before.low, self.high + after.high - before.high
        total = total.within(Range(low, high))
        above, below = high - total.low, total.high - low
        least = LEAST_POSSIBLE - 1
        return min(above, below, above + below - self._widest_after(before, after)) >= least

    def range_of(self, one: Range) -> Range:
        """What is possible for a part."""
        if self.total is None:
            return one
        above, below = self.high - self.total.low, self.total.high - self.low
        return Range(max(one.low, one.high - above), min(one.high, one.low + below))

    def narrow(self, before: Range, after: Range) -> None:
        """Take into account what a band says about a part."""
        self.low += after.low - before.low
        self.high += after.high - before.high
        self._widest = self._widest_after(before, after)
        self._widths.subtract([before.width])
        self._widths.update([after.width])

    def _widest_after(self, before: Range, after: Range) -> int:
        widest = self._widest
        if before.width == widest and self._widths[widest] == 1:
            others = (w for w, parts in self._widths.items() if parts > 0 and w != widest)
            widest = max(others, default=0)
        return max(widest, after.width)


def parts_of_atom(units: Iterable[Participation], k: int) -> list[Range]:
    """What a reader who knows the rules may know of a residual atom, from its asked units.

    In which units k people answered; and of all others together whether k did, if they are enough
    to protect each other (suppression.py).
    """
    parts, small, most = [], 0, 0
    for unit in units:
        if unit.answered >= k:
            parts.append(Range(k, unit.headcount))
        else:
            small += unit.answered
            most += min(unit.headcount, k - 1)
    if most >= k + LEAST_POSSIBLE - 1:
        parts.append(Range(k, most) if small >= k else Range(0, k - 1))
    elif most:
        parts.append(Range(0, most))
    return parts


def participation_bands(
    root: Participation | None, shown: Sequence[Participation], parts: Iterable[Range], k: int
) -> Mapping[str, Band]:
    """The bands of a tree's root, if it is shown, and of its asked units that are shown.

    `parts` is what may be known of all atoms below the root; without a shown root there is nothing
    to add up.
    """
    known = _Known(parts)
    published: dict[str, Band] = {}
    if root is not None:
        whole = Range(known.low, known.high)
        options = [
            total for _, numbers in _bands(root.headcount) if (total := numbers.within(whole))
        ]
        if all(known.leaves_enough(whole, whole, total) for total in options):
            published[root.unit_id], known.total = _band_of(root)
    for unit in shown:
        own = Range(k, unit.headcount)
        if _may_have_band(unit, own, known):
            published[unit.unit_id], numbers = _band_of(unit)
            known.narrow(own, numbers.within(own))
    return published


def _may_have_band(unit: Participation, own: Range, known: _Known) -> bool:
    """Whether any band that the unit can have leaves three numbers for it and for all others."""
    possible = known.range_of(own)
    options = [cut for _, numbers in _bands(unit.headcount) if (cut := numbers.within(possible))]
    return all(
        cut.width + 1 >= LEAST_POSSIBLE and known.leaves_enough(own, cut, known.total)
        for cut in options
    )


def _band_of(unit: Participation) -> tuple[Band, Range]:
    return next(
        (band, numbers) for band, numbers in _bands(unit.headcount) if unit.answered <= numbers.high
    )


def _bands(headcount: int) -> list[tuple[Band, Range]]:
    """Each band with the numbers of people that it stands for."""
    bands = _SMALL_UNIT_BANDS if headcount < _SMALL_UNIT else _BANDS
    return [
        (band, Range(-(-low * headcount // 100), ((high + 1) * headcount - 1) // 100))
        if high < 100
        else (band, Range(-(-low * headcount // 100), headcount))
        for low, high, band in bands
    ]
