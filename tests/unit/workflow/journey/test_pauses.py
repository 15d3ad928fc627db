"""A pause holds every clock."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit.workflow.clock import NOW, later
from unit.workflow.rollout.samples import ROLLOUT_ID, TEMPLATE
from workflow_service.domain.journey.journey import Journey, Status
from workflow_service.domain.journey.pauses import Hold, ended, held
from workflow_service.domain.journey.turn import TIME, Outlook, Situation, outlook
from workflow_service.domain.template.template import StepName


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


@pytest.mark.parametrize("step", ["preparation", "baseline", "modules", "follow_up"])
def test_no_time_is_promised_while_the_rollout_is_paused(step: StepName) -> None:
    journey = replace(Journey(ROLLOUT_ID, "unit-1", 1).started(NOW), step=step, asked_at=NOW)
    situation = Situation(journey, "Sample", 12, has_manager=True, round_closes_at=later(days=9))
    over, lasting = (Hold(NOW, later(days=1)),), (Hold(later(days=2)),)

    before = outlook(situation, TEMPLATE, over, later(days=3))
    during = outlook(situation, TEMPLATE, (*over, *lasting), later(days=3))
    assert before.next_step_at
    assert during.next_step_at is None
    assert during.waiting_for == (*before.waiting_for, "rollout-paused")


@pytest.mark.parametrize("status", ["waiting", "paused"])
def test_a_journey_that_waits_already_waits_for_the_rollout_too(status: Status) -> None:
    journey = replace(Journey(ROLLOUT_ID, "unit-1", 1), status=status)
    situation = Situation(journey, "Sample", 12, has_manager=True)
    lasting = (Hold(NOW),)
    view = outlook(situation, TEMPLATE, lasting, later(days=1))
    assert view == Outlook((status, "rollout-paused"), None)
    ended_ = replace(situation, journey=replace(journey, status="stopped"))
    assert outlook(ended_, TEMPLATE, lasting, later(days=1)).waiting_for == ("stopped",)


def test_a_step_begins_with_a_clock_of_its_own() -> None:
    journey = Journey(ROLLOUT_ID, "unit-1", 1).started(NOW).paused("x", NOW).resumed(later(days=1))
    assert journey.pauses == (Hold(NOW, later(days=1)),)
    assert ended((), NOW) == ()
    assert replace(journey, pauses=()).pauses == ()
