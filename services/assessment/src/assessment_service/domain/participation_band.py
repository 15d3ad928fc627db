"""Which shares of participation are published, as bands such as `75-89` per cent.

Bands of units and of the whole add up: together they can reveal how many people of a unit answered.
So each is published only if at least three numbers stay possible for every unit, whatever the band
turns out to be. Nothing but headcounts, the shown units and earlier bands decides, so a missing
band says nothing ("simulatable auditing": Kenthapadi, Mishra & Nissim 2005).

Only asked units and the roots have bands. Between them a third level would need more than the
arithmetic below.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Band = Literal["0-49", "50-74", "75-89", "90-100", "0-74", "75-100"]

_BANDS: tuple[tuple[int, int, Band], ...] = (
    (0, 49, "0-49"),
    (50, 74, "50-74"),
    (75, 89, "75-89"),
    (90, 100, "90-100"),
)
_SMALL_UNIT_BANDS: tuple[tuple[int, int, Band], ...] = ((0, 74, "0-74"), (75, 100, "75-100"))
_SMALL_UNIT = 20
_LEAST_POSSIBLE = 3


@dataclass(frozen=True, slots=True)
class Participation:
    """How many of a unit's people answered: `answered` is secret, the rest is known to everybody.

    A unit that is shown by itself has at least k answers.
    """

    unit_id: str
    answered: int
    headcount: int


@dataclass(frozen=True, slots=True)
class _Range:
    """Whole numbers from `low` to `high`; false if there are none."""

    low: int
    high: int

    def __bool__(self) -> bool:
        return self.high >= self.low

    @property
    def width(self) -> int:
        return self.high - self.low

    def within(self, other: "_Range") -> "_Range":
        return _Range(max(self.low, other.low), min(self.high, other.high))


class _Known:
    """What everybody can work out about a tree: the range of each atom, which add up to `low` to
    `high`, and what the root's band says about the sum."""

    def __init__(self, atoms: Iterable[_Range]) -> None:
        ranges = list(atoms)
        self.low = sum(one.low for one in ranges)
        self.high = sum(one.high for one in ranges)
        self.total: _Range | None = None
        self._widths = Counter(one.width for one in ranges)

    def leaves_enough(self, before: _Range, after: _Range, total: _Range | None) -> bool:
        """Whether every atom keeps three possible numbers, or all that it has, if the range of one
        is narrowed from `before` to `after`.

        An atom is cut from below by what the others can have at most, and from above by what they
        must have at least.
        """
        if total is None:
            return True
        low, high = self.low + after.low - before.low, self.high + after.high - before.high
        total = total.within(_Range(low, high))
        above, below = high - total.low, total.high - low
        widest = max(self._widths_after(before, after))
        least = _LEAST_POSSIBLE - 1
        return min(above, below, above + below - widest) >= least

    def range_of(self, one: _Range) -> _Range:
        """What is possible for an atom."""
        if self.total is None:
            return one
        above, below = self.high - self.total.low, self.total.high - self.low
        return _Range(max(one.low, one.high - above), min(one.high, one.low + below))

    def narrow(self, before: _Range, after: _Range) -> None:
        """Take into account what a band says about an atom."""
        self.low += after.low - before.low
        self.high += after.high - before.high
        self._widths = self._widths_after(before, after)

    def _widths_after(self, before: _Range, after: _Range) -> Counter[int]:
        return self._widths - Counter([before.width]) + Counter([after.width])


def participation_bands(
    root: Participation | None, shown: Sequence[Participation], atoms: Iterable[int], k: int
) -> Mapping[str, Band]:
    """The bands of a tree's root, if it is shown, and of its asked units that are shown.

    `atoms` are the headcounts of all residual atoms below the root, each of which has k answers at
    least; without a shown root there is nothing to add up.
    """
    known = _Known(_Range(k, headcount) for headcount in atoms)
    published: dict[str, Band] = {}
    if root is not None:
        whole = _Range(known.low, known.high)
        options = [
            total for _, numbers in _bands(root.headcount) if (total := numbers.within(whole))
        ]
        if all(known.leaves_enough(whole, whole, total) for total in options):
            published[root.unit_id], known.total = _band_of(root)
    for unit in shown:
        own = _Range(k, unit.headcount)
        if _may_have_band(unit, own, known):
            published[unit.unit_id], numbers = _band_of(unit)
            known.narrow(own, numbers.within(own))
    return published


def _may_have_band(unit: Participation, own: _Range, known: _Known) -> bool:
    """Whether any band that the unit can have leaves three numbers for it and for all others."""
    possible = known.range_of(own)
    options = [cut for _, numbers in _bands(unit.headcount) if (cut := numbers.within(possible))]
    return all(
        cut.width + 1 >= _LEAST_POSSIBLE and known.leaves_enough(own, cut, known.total)
        for cut in options
    )


def _band_of(unit: Participation) -> tuple[Band, _Range]:
    return next(
        (band, numbers) for band, numbers in _bands(unit.headcount) if unit.answered <= numbers.high
    )


def _bands(headcount: int) -> list[tuple[Band, _Range]]:
    """Each band with the numbers of people that it stands for."""
    bands = _SMALL_UNIT_BANDS if headcount < _SMALL_UNIT else _BANDS
    return [
        (band, _Range(-(-low * headcount // 100), ((high + 1) * headcount - 1) // 100))
        if high < 100
        else (band, _Range(-(-low * headcount // 100), headcount))
        for low, high, band in bands
    ]
