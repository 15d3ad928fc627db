"""A pause holds every clock."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit.workflow.clock import NOW, later
from unit.workflow.rollout.samples import ROLLOUT_ID, TEMPLATE
from workflow_service.domain.journey.journey import Journey
from workflow_service.domain.journey.pauses import Hold, ended, held
from workflow_service.domain.journey.turn import TIME, Situation, outlook


@pytest.mark.parametrize(
    ("pauses", "days"),
    [
        ((), 0),
        ((Hold(later(days=1), later(days=3)),), 2),
        ((Hold(later(days=-5), later(days=1)),), 1),
        ((Hold(later(days=8)),), 2),
        ((Hold(later(days=-9), later(days=-1)),), 0),
        ((Hold(later(days=1), later(days=4)), Hold(later(days=2), later(days=6))), 5),
        ((Hold(later(days=1), later(days=6)), Hold(later(days=2), later(days=3))), 5),
    ],
)
def test_overlapping_pauses_count_once(pauses: tuple[Hold, ...], days: int) -> None:
    assert held(pauses, NOW, later(days=10)) == timedelta(days=days)


@given(st.lists(st.tuples(st.integers(-20, 20), st.integers(0, 20)), max_size=6))
def test_no_clock_is_held_for_longer_than_it_ran(spans: list[tuple[int, int]]) -> None:
    pauses = [Hold(later(days=start), later(days=start + days)) for start, days in spans]
    assert timedelta() <= held(pauses, NOW, later(days=10)) <= timedelta(days=10)


def test_the_least_time_of_a_step_is_held() -> None:
    journey = Journey(ROLLOUT_ID, "unit-1", 1).started(NOW)
    journey = journey.paused("Renovation", later(days=2)).resumed(later(days=5))
    situation = Situation(journey, "Sample", 12, has_manager=True)

    def waits(days: int, *rollout: Hold) -> bool:
        return TIME in outlook(situation, TEMPLATE, rollout, later(days=days)).waiting_for

    assert waits(16)
    assert not waits(17)  # Fourteen days of preparation, three of them held.
    july = Hold(later(days=4), later(days=8))
    assert waits(19, july)
    assert not waits(20, july)  # From day 2 to day 8: the overlap counts once.


def test_a_step_begins_with_a_clock_of_its_own() -> None:
    journey = Journey(ROLLOUT_ID, "unit-1", 1).started(NOW).paused("x", NOW).resumed(later(days=1))
    assert journey.pauses == (Hold(NOW, later(days=1)),)
    assert ended((), NOW) == ()
    assert replace(journey, pauses=()).pauses == ()
