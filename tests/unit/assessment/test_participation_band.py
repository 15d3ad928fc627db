"""Bands of participation against an attacker who adds them up."""

from itertools import product
from random import Random

import pytest

from assessment_service.domain.participation_band import (
    Band,
    Participation,
    participation_bands,
    parts_of_atom,
)

K = 7


@pytest.mark.parametrize(
    ("answered", "headcount", "band"),
    [
        (7, 20, "0-49"),
        (10, 20, "50-74"),
        (15, 20, "75-89"),
        (18, 20, "90-100"),
        (20, 20, "90-100"),
        (15, 15, "75-100"),  # small: the band does not reveal that everybody answered
        (7, 7, None),  # only 7 may be shown and can have answered
        (13, 18, "0-74"),
        (7, 12, None),  # 0-74 would mean 7 or 8
        (12, 12, None),  # and so no other band is shown either
    ],
)
def test_a_unit_has_a_band(answered: int, headcount: int, band: Band | None) -> None:
    unit = Participation("ward", answered, headcount)
    assert participation_bands(None, [unit], [], K).get("ward") == band


def test_whether_a_unit_has_a_band_does_not_depend_on_how_many_answered() -> None:
    for headcount in range(K, 100):
        has = {
            bool(participation_bands(None, [Participation("ward", n, headcount)], [], K))
            for n in range(K, headcount + 1)
        }
        assert len(has) == 1, headcount


def as_interval(band: Band, headcount: int) -> range:
    low, high = map(int, band.split("-"))
    return range(headcount + 1)[
        min(n for n in range(headcount + 1) if 100 * n // headcount >= low) : 1
        + max(n for n in range(headcount + 1) if min(100 * n // headcount, 100) <= high)
    ]


def possible(headcounts: list[int], bands: dict[str, Band]) -> list[set[int]]:
    """Every number that can have answered in each shown unit, by trying all."""
    ranges = []
    for number, headcount in enumerate(headcounts):
        band = bands.get(f"unit-{number}")
        own = as_interval(band, headcount) if band else range(headcount + 1)
        ranges.append([n for n in own if n >= K])
    total = sum(headcounts)
    whole = as_interval(bands["root"], total) if "root" in bands else range(total + 1)
    found: list[set[int]] = [set() for _ in headcounts]
    for numbers in product(*ranges):
        if sum(numbers) in whole:
            for one, n in zip(found, numbers, strict=True):
                one.add(n)
    return found


def test_three_numbers_stay_possible_for_every_unit() -> None:
    random, banded = Random(5), 0
    for _ in range(400):
        headcounts = [random.choice((7, 8, 9, 12, 14, 16, 21, 24)) for _ in range(3)]
        answered = [random.randint(K, h) for h in headcounts]
        units = [
            Participation(f"unit-{number}", n, h)
            for number, (n, h) in enumerate(zip(answered, headcounts, strict=True))
        ]
        root = Participation("root", sum(answered), sum(headcounts))
        bands = dict(participation_bands(root, units, parts_of_atom(units, K), K))
        banded += len(bands)
        for headcount, numbers, n in zip(
            headcounts, possible(headcounts, bands), answered, strict=True
        ):
            assert n in numbers
            assert len(numbers) >= min(3, headcount - K + 1), (headcounts, answered, bands)
    assert banded > 400
