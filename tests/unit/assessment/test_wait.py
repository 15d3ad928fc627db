"""A release waits for units of its wave until a deadline, which pauses of the rollout move."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from assessment_service.domain import closing_time
from assessment_service.domain import round as rounds
from assessment_service.domain.errors import DomainError
from assessment_service.domain.pauses import Pause
from assessment_service.domain.wait import Wait
from unit.assessment.builders import NOW, a_round, release

HOUR = timedelta(hours=1)
WAIT = Wait(frozenset({"clinic", "office"}), since=NOW, until=NOW + 10 * HOUR)


def at(hours: float) -> datetime:
    return NOW + hours * HOUR


@pytest.mark.parametrize(
    ("pauses", "now", "deadline"),
    [
        ([], 1, 10),
        ([Pause(at(-5), at(-3))], 1, 10),
        ([Pause(at(-5), at(2))], 5, 12),
        ([Pause(at(1), at(2)), Pause(at(3), at(5))], 6, 13),
        ([Pause(at(4))], 6, 12),
        ([Pause(at(4))], 60, 66),
        ([Pause(at(11), at(12))], 13, 10),
    ],
)
def test_the_deadline_moves_by_what_was_paused_before_it(
    pauses: list[Pause], now: float, deadline: float
) -> None:
    assert WAIT.deadline(pauses, at(now)) == at(deadline)


def test_it_lasts_until_the_last_unit_or_the_deadline() -> None:
    assert WAIT.lasts([], at(9))
    assert not WAIT.lasts([], at(10))
    assert WAIT.without(["clinic"]).lasts([], at(9))
    assert not WAIT.without(["clinic", "office"]).lasts([], at(1))


def test_a_held_round_closes_with_its_release() -> None:
    held = replace(a_round(release()), closes_at=at(5), held_since=at(1))
    assert not closing_time.is_due(held, at(9), deadline=at(10))
    assert closing_time.is_due(held, at(10), deadline=at(10))


def test_a_pause_moves_a_closing_time_no_further_than_the_deadline() -> None:
    before = replace(a_round(release()), closes_at=at(5))
    moved, _ = closing_time.hold(before, [Pause(at(1), at(8))], deadline=at(10))
    assert moved.closes_at == at(10)
    again, event = closing_time.hold(moved, [Pause(at(1), at(8))], deadline=at(10))
    assert (again, event) == (moved, None)
    # A later deadline gives back what the first one cut off.
    assert closing_time.hold(moved, [Pause(at(1), at(8))], at(20))[0].closes_at == at(12)


def test_an_extended_round_is_waited_for() -> None:
    assert WAIT.until_after(at(12), deadline=at(10)).until == at(12)
    assert WAIT.until_after(at(12), deadline=at(11)).until == at(11)
    assert WAIT.until_after(at(9), deadline=at(10)) == WAIT


@pytest.mark.parametrize(("closes_at", "has_share"), [(11, False), (9, True)])
def test_a_round_that_cannot_join_needs_another_release(closes_at: float, has_share: bool) -> None:
    rounds.check_joining(release(), at(10), at(10), has_share=False)
    rounds.check_joining(release(), at(900), None, has_share=False)
    with pytest.raises(DomainError) as refused:
        rounds.check_joining(release(), at(closes_at), at(10), has_share=has_share)
    assert refused.value.code == "release-takes-no-more"
