"""A pause holds every clock: the closing time moves by its length, however the events arrive."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from assessment_service.adapters.outbound import translate
from assessment_service.domain import closing_time
from assessment_service.domain import round as rounds
from assessment_service.domain.calendar import civil_date
from assessment_service.domain.closing_time import RoundExtended
from assessment_service.domain.errors import DomainError
from assessment_service.domain.pauses import Mark, Pause, pauses_of
from assessment_service.domain.round import Round, RoundClosed
from contracts import assessment as contract
from unit.assessment.builders import NOW, ROLLOUT, a_round, release

HOUR = timedelta(hours=1)
CLOSES = NOW + timedelta(days=7)


def at(hours: float) -> datetime:
    return NOW + hours * HOUR


def unit(hours: float, paused: bool) -> Mark:
    return Mark(ROLLOUT, "ward", at(hours), paused)


def rollout(hours: float, paused: bool) -> Mark:
    return Mark(ROLLOUT, None, at(hours), paused)


def held(*marks: Mark) -> Round:
    return closing_time.hold(a_round(release()), pauses_of("ward", marks))[0]


def test_a_paused_round_is_held_and_then_closes_later_by_the_pause() -> None:
    paused = held(unit(1, True))
    assert (paused.held_since, paused.closes_at) == (at(1), CLOSES)
    resumed = held(unit(1, True), unit(4, False))
    assert (resumed.held_since, resumed.closes_at) == (None, CLOSES + 3 * HOUR)


def test_overlapping_pauses_count_once_in_whatever_order_they_are_known() -> None:
    marks = [unit(1, True), rollout(2, True), unit(4, False), rollout(5, False)]
    for order in permutations(marks):
        assert held(*order, marks[0]).closes_at == CLOSES + 4 * HOUR
    assert held(*marks[:3]).held_since == at(1)


def test_another_unit_is_not_paused() -> None:
    assert held(Mark(ROLLOUT, "clinic", at(1), True)).held_since is None


def test_marks_that_arrive_one_by_one_give_the_same_as_all_at_once() -> None:
    marks = [rollout(2, True), rollout(5, False), unit(1, True), unit(4, False)]
    round_ = a_round(release())
    for known in range(1, 5):
        round_, _ = closing_time.hold(round_, pauses_of("ward", marks[:known]))
    assert round_.closes_at == CLOSES + 4 * HOUR
    again, event = closing_time.hold(round_, pauses_of("ward", [*marks, *marks]))
    assert (again, event) == (round_, None)


def test_only_the_part_of_a_pause_that_the_round_was_open_counts() -> None:
    assert held(unit(-5, True), unit(2, False)).closes_at == CLOSES + 2 * HOUR
    assert held(unit(-5, True), unit(-2, False)).closes_at == CLOSES
    assert held(unit(-5, True)).held_since == NOW
    after = held(unit(24 * 7, True), unit(24 * 8, False))
    assert (after.closes_at, after.held_since) == (CLOSES, None)


def test_a_pause_of_no_length_does_not_last() -> None:
    assert pauses_of("ward", [unit(1, False), unit(1, True)]) == [Pause(at(1), at(1))]


def test_a_held_round_is_never_due() -> None:
    assert closing_time.is_due(a_round(release()), CLOSES)
    assert not closing_time.is_due(a_round(release()), CLOSES - HOUR)
    assert not closing_time.is_due(held(unit(1, True)), CLOSES)


def test_a_closed_round_is_not_held() -> None:
    closed, event = rounds.close(held(unit(1, True)), at(2))
    assert (closed.held_since, bool(event)) == (None, True)
    assert closing_time.hold(closed, [Pause(at(1), at(9))]) == (closed, None)


def test_an_extended_round_closes_at_the_given_time_and_earlier_pauses_are_over() -> None:
    before = held(unit(1, True), unit(4, False))
    extended, event = closing_time.extend(before, at(500), "Holidays", at(5))
    assert event == RoundExtended(extended)
    assert (extended.closes_at, extended.extension_reason) == (at(500), "Holidays")
    late = pauses_of("ward", [unit(1, True), unit(4, False), unit(6, True), unit(8, False)])
    assert closing_time.hold(extended, late)[0].closes_at == at(502)


def test_a_held_round_stays_held_when_it_is_extended() -> None:
    extended, _ = closing_time.extend(held(unit(1, True)), at(500), "Holidays", at(5))
    assert extended.held_since == at(5)
    resumed = pauses_of("ward", [unit(1, True), unit(9, False)])
    assert closing_time.hold(extended, resumed)[0].closes_at == at(504)


def test_the_same_closing_time_is_no_event() -> None:
    assert closing_time.extend(a_round(release()), CLOSES, "Why", at(1))[1] is None


@pytest.mark.parametrize(
    ("closes_at", "now", "code"),
    [
        (at(1), at(1), "closing-time-past"),
        (NOW + timedelta(days=367), at(1), "window-too-long"),
        (at(500), CLOSES, "round-closed"),
    ],
)
def test_refused_extensions(closes_at: datetime, now: datetime, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        closing_time.extend(a_round(release()), closes_at, "Why", now)
    assert refused.value.code == code


def test_a_closed_round_is_not_extended() -> None:
    closed, _ = rounds.close(a_round(release()), at(1))
    with pytest.raises(DomainError, match="no more answers"):
        closing_time.extend(closed, at(500), "Why", at(2))


def test_others_hear_the_new_closing_time_but_not_the_reason() -> None:
    extended, event = closing_time.extend(a_round(release()), at(500), "Holidays", at(5))
    assert event
    (published,) = translate(event)
    assert published == contract.RoundExtended(
        round_id=extended.round_id,
        rollout_id=ROLLOUT,
        unit_id="ward",
        occasion="baseline",
        closes_at=at(500),
    )
    assert "Holidays" not in published.model_dump_json()


def test_dates_are_those_in_sweden() -> None:
    summer_night = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
    winter_night = datetime(2026, 12, 31, 22, 30, tzinfo=UTC)
    assert civil_date(summer_night).isoformat() == "2026-07-01"
    assert civil_date(winter_night).isoformat() == "2026-12-31"
    closed = replace(a_round(release()), status="closed", closed_at=summer_night)
    (published,) = translate(RoundClosed(closed))
    assert isinstance(published, contract.RoundClosed)
    assert published.closed_on.isoformat() == "2026-07-01"
