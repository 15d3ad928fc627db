"""Capacity: where a climb ends, and what follows from costs for a region."""

import json
import os
from collections.abc import Sequence

import psutil
import pytest

from bench.capacity.__main__ import OUTPUT
from bench.capacity.model import Region, cores, need
from bench.capacity.page import WHAT, page
from bench.capacity.steps import Work, climb

COSTS = {work: {"worker": 200_000.0, "postgres": 1_000.0} for work in WHAT}
MEMORY = {"worker": 0.1, "postgres": 1.0, "kafka": 1.0, "temporal": 1.0}


def work(most: float, slow_from: float = float("inf")) -> Work:
    """It does `most` per second, and waits long from `slow_from` on."""

    async def offer(rate: float, seconds: float) -> tuple[float, Sequence[float]]:
        return min(rate, most), [500.0 if rate >= slow_from else 5.0] * 100

    async def syncs() -> int:
        return 0

    return Work("visits", offer, {"worker": psutil.Process(os.getpid())}, syncs, 100, 300)


@pytest.mark.parametrize("limits", [{"most": 200}, {"most": 1e9, "slow_from": 250}])
async def test_a_climb_ends_behind_the_knee(limits: dict[str, float]) -> None:
    steps, knee = await climb(work(**limits), 1, lambda said: None)
    assert [round(step.offered) for step in steps] == [100, 160, 256]
    assert knee.offered == 160


async def test_too_much_from_the_beginning_is_an_error() -> None:
    with pytest.raises(AssertionError, match="too much"):
        await climb(work(most=50), 1, lambda said: None)


def test_costs_add_up_by_process() -> None:
    used = cores({"visits": 1, "mails": 0.5}, COSTS)
    assert used == pytest.approx({"worker": 0.3, "postgres": 0.0015})


def test_a_larger_region_needs_more_and_a_small_one_two_of_each() -> None:
    syncs = dict.fromkeys(WHAT, 1.0)
    small, large = (need(Region(size), COSTS, MEMORY, syncs) for size in (8_000, 1_500_000))
    assert small.processes == {"worker": 2, "postgres": 2, "kafka": 3, "temporal": 2}
    assert large.processes["worker"] > 2
    assert large.iops == pytest.approx(1_500_000 / 8_000 * small.iops)
    assert (large.cores, large.memory) > (small.cores, small.memory)


def test_the_published_page_is_what_was_measured() -> None:
    measured = json.loads(OUTPUT.read_text(encoding="utf-8"))
    assert OUTPUT.with_suffix(".md").read_text(encoding="utf-8") == page(measured)
    assert set(measured["works"]) == set(WHAT)
