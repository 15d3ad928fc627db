"""How many people of each unit can have answered, from everything that one release has published.

A shown value has k people or more, and so has every residual atom (its people in no shown value
below it). A band limits a sum. Cells, atoms and units form a tree of sums of ranges, in which one
pass up and one down find exactly what is possible for each.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from auditor.published import Release

Range = tuple[int, int]


@dataclass(slots=True)
class _Sum:
    """A number of people with its range; the sum of its parts if it has any."""

    name: str
    range: Range
    parts: list["_Sum"] = field(default_factory=list)

    def up(self) -> None:
        for part in self.parts:
            part.up()
        if self.parts:
            self.range = _both(self.range, _total(part.range for part in self.parts))

    def down(self) -> None:
        low, high = _total(part.range for part in self.parts)
        for part in self.parts:
            others = low - part.range[0], high - part.range[1]
            left = self.range[0] - others[1], self.range[1] - others[0]
            part.range = _both(part.range, left)
        for part in self.parts:
            part.down()


def possible_numbers(release: Release, k: int, *, with_bands: bool) -> dict[str, Range]:
    """The range of every asked unit (by id), and of every residual atom (`people only in <id>`)."""
    tops = _tree(release, k, with_bands)
    found = {unit: (0, people) for unit, people in release.headcounts.items()}
    to_see = list(tops)
    for top in tops:
        top.up()
        top.down()
    while to_see:
        one = to_see.pop()
        to_see += one.parts
        if not one.parts or one.name.startswith(_ATOM):
            found[one.name] = one.range
    return found


_ATOM = "people only in "


def _tree(release: Release, k: int, with_bands: bool) -> list[_Sum]:
    """The shown cells that are below no other, each with everything below it."""
    shown = release.shown
    sums: dict[str, _Sum] = {}
    tops: list[_Sum] = []
    for cell in sorted(shown.values(), key=lambda one: len(one.path)):
        people = sum(release.headcounts[unit] for unit in release.below(cell.unit_id))
        limits = (k, people)
        if with_bands and cell.band is not None:
            limits = _both(limits, numbers_of(cell.band, people))
        sums[cell.unit_id] = one = _Sum(f"cell {cell.unit_id}", limits)
        above = next((node for node in reversed(cell.path[:-1]) if node in shown), None)
        (tops if above is None else sums[above].parts).append(one)
    for unit_id, path in release.places.items():
        lowest = next((node for node in reversed(path) if node in shown), None)
        if lowest is not None:
            people = release.headcounts[unit_id]
            _atom(sums[lowest], lowest, k).parts.append(_Sum(unit_id, (0, people)))
    return tops


def _atom(cell: _Sum, unit_id: str, k: int) -> _Sum:
    name = f"{_ATOM}{unit_id}"
    for part in cell.parts:
        if part.name == name:
            return part
    cell.parts.append(_Sum(name, (k, 10**9)))
    return cell.parts[-1]


def numbers_of(band: str, people: int) -> Range:
    """The numbers of `people` whose whole per cent lie in the band."""
    low, high = (int(end) for end in band.split("-"))
    inside = [n for n in range(people + 1) if low <= 100 * n // people <= high]
    return (inside[0], inside[-1]) if inside else (1, 0)


def _total(ranges: Iterable[Range]) -> Range:
    low = high = 0
    for one in ranges:
        low, high = low + one[0], high + one[1]
    return low, high


def _both(one: Range, other: Range) -> Range:
    return max(one[0], other[0]), min(one[1], other[1])
