"""Somebody who knows the service's code tries every number of answers that a small tree can have,
and keeps those with which exactly this would have been published."""

from collections import defaultdict
from itertools import product
from random import Random

from assessment_service.domain.privacy_rule import LEAST_POSSIBLE, PrivacyRule
from unit.auditor.hostile import scores
from unit.auditor.platform import Asked, Platform
from unit.auditor.samples import organisation

K = 5
Numbers = tuple[int, ...]
Shown = tuple[str, ...]
Bands = tuple[str | None, ...]
TREES = 60
HEADCOUNTS = (1, 2, 3, 4, 7, 8, 9, 10, 12)


def test_bands_and_missing_bands_leave_three_numbers_possible() -> None:
    """Left out, a known limit: in units of k or k + 1 people it may be clear that k answered."""
    checked = 0
    for seed in range(TREES):
        random = Random(seed)
        units = [(path, random.choice(HEADCOUNTS)) for path in organisation(random, 3)]
        without, with_bands = published_for_every_number(units)
        for (shown, _), vectors in with_bands.items():
            for place, (path, _) in enumerate(units):
                possible = {numbers[place] for numbers in vectors}
                before = {numbers[place] for numbers in without[shown]}
                checked += 1
                assert len(possible) >= min(LEAST_POSSIBLE, len(before)), (path, units)
    assert checked > 500


def published_for_every_number(
    units: list[tuple[tuple[str, ...], int]],
) -> tuple[dict[Shown, list[Numbers]], dict[tuple[Shown, Bands], list[Numbers]]]:
    """What is shown, and what is shown with which bands > the numbers that lead to it."""
    without: dict[Shown, list[Numbers]] = defaultdict(list)
    with_bands: dict[tuple[Shown, Bands], list[Numbers]] = defaultdict(list)
    for numbers in product(*(range(headcount + 1) for _, headcount in units)):
        asked = [
            Asked(path, headcount, scores(*((0, 100) * count)[:count]))
            for (path, headcount), count in zip(units, numbers, strict=True)
        ]
        cells = Platform(PrivacyRule(K)).release(asked)
        shown = tuple(cell.unit_id for cell in cells if cell.shown)
        without[shown].append(numbers)
        bands = tuple(cell.participation_band for cell in cells)
        with_bands[shown, bands].append(numbers)
    return without, with_bands
