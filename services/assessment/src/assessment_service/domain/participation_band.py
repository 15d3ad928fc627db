"""Which shares of participation are published, as bands such as `75-89` per cent.

Bands of units and of the whole add up: together they can reveal how many people of a unit answered.
So each is published only if at least three numbers stay possible for every unit, whatever the band
turns out to be. Nothing but headcounts, the shown units and earlier bands decides, so a missing
band says nothing ("simulatable auditing": Kenthapadi, Mishra & Nissim 2005).

Only asked units and the roots have bands. Between them a third level would need more than the
arithmetic below.
"""

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
    """Whole numbers from `low` to `high`; empty if `low` is greater."""

    low: int
    high: int

    @property
    def width(self) -> int:
        return self.high - self.low

    def within(self, other: "_Range") -> "_Range":
        return _Range(max(self.low, other.low), min(self.high, other.high))


@dataclass(slots=True)
class _Known:
    """What everybody can work out about a tree: the sum of its atoms, and the range of each.

    `low` and `high` add up the atoms' ranges; `total` is what the root's band says about the sum.
    """

    low: int
    high: int
    widest: int
    total: _Range | None = None

    def leaves_enough(self, low: int, high: int, total: _Range | None) -> bool:
        """Whether every atom would keep three possible numbers, or all that it has.

        The range of an atom is cut from above by what the others must have at least, and from below
        by what they can have at most.
        """
        if total is None:
            return True
        total = total.within(_Range(low, high))
        above, below = high - total.low, total.high - low
        least = _LEAST_POSSIBLE - 1
        return min(above, below, above + below - self.widest) >= least

    def range_of(self, one: _Range) -> _Range:
        """What is possible for an atom."""
        if self.total is None:
            return one
        above, below = self.high - self.total.low, self.total.high - self.low
        return _Range(max(one.low, one.high - above), min(one.high, one.low + below))


def participation_bands(
    root: Participation | None, shown: Sequence[Participation], atoms: Iterable[int], k: int
) -> Mapping[str, Band]:
    """The bands of a tree's root, if it is shown, and of its asked units that are shown.

    `atoms` are the headcounts of all residual atoms below the root, each of which has k answers at
    least; without a shown root there is nothing to add up.
    """
    headcounts = list(atoms)
    known = _Known(
        low=k * len(headcounts),
        high=sum(headcounts),
        widest=max((headcount - k for headcount in headcounts), default=0),
    )
    published: dict[str, Band] = {}
    if root is not None:
        numbers = [numbers for _, numbers in _bands(root.headcount)]
        possible = _Range(known.low, known.high)
        options = [total for one in numbers if (total := one.within(possible)).width >= 0]
        if all(known.leaves_enough(known.low, known.high, total) for total in options):
            band, known.total = _band_of(root)
            published[root.unit_id] = band
    for unit in shown:
        own = _Range(k, unit.headcount)
        if _may_have_band(unit, own, known):
            band, numbers_of_band = _band_of(unit)
            cut = numbers_of_band.within(own)
            known.low += cut.low - own.low
            known.high -= own.high - cut.high
            published[unit.unit_id] = band
    return published


def _may_have_band(unit: Participation, own: _Range, known: _Known) -> bool:
    """Whether any band that the unit can have leaves three numbers for it and for all others."""
    possible = known.range_of(own)
    for _, numbers in _bands(unit.headcount):
        cut = numbers.within(possible)
        if cut.width < 0:
            continue
        low, high = known.low + cut.low - own.low, known.high - (own.high - cut.high)
        if cut.width + 1 < _LEAST_POSSIBLE or not known.leaves_enough(low, high, known.total):
            return False
    return True


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
