"""What waits for somebody."""

from datetime import UTC, date, datetime, timedelta
from typing import get_args

from portal_service.domain.waiting import (
    Waiting,
    by_urgency,
    to_answer,
    to_decide,
    to_lead,
    to_look_at_again,
)
from portal_service.domain.waiting_texts import TITLES, WHY, Kind
from unit.portal import answers

CLOSES = datetime(2026, 9, 1, 8, tzinfo=UTC)


def test_an_open_round_waits_for_an_answer() -> None:
    round_ = answers.round_()
    closed = {**round_, "status": "closed"}
    [found] = to_answer([closed, round_])
    assert found == Waiting("answer", "Rehab", CLOSES, f"/rounds/{round_['round_id']}")


def test_an_extended_round_has_its_new_time_and_a_held_one_none_yet() -> None:
    later = CLOSES.replace(month=10)
    extended = {**answers.round_(), "closes_at": later.isoformat()}
    held = {**answers.round_(), "held_since": CLOSES.isoformat()}
    assert [one.by for one in to_answer([extended, held])] == [later, None]


def test_a_manager_sees_what_their_unit_waits_for() -> None:
    waits = ["time", "meeting_held", "action_chosen", "baseline_released"]
    journey = {**answers.journey(), "waiting_for": waits}
    found = to_lead("r", [journey, {**journey, "status": "paused"}])
    assert [one.kind for one in found] == ["meeting", "action"]
    unit = "/units/rehab?rollout=r"
    assert [one.path for one in found] == [f"{unit}#meetings", f"{unit}#actions"]


def test_only_what_is_allowed_waits_for_a_decision() -> None:
    rollout = answers.rollout()
    rollout["actions"] = [
        answers.action("approve_decision"),
        answers.action("override_gate", "gate-passed"),
        answers.action("record-prerequisite"),
    ]
    assert [one.kind for one in to_decide(rollout)] == ["decide", "prerequisite"]
    rollout["waves"] = []
    assert [one.kind for one in to_decide(rollout)] == ["decide"]


def test_an_answer_is_looked_at_again_from_its_day_on_while_it_is_public() -> None:
    one = answers.article("Rehab", "question")
    hidden, news = {**one, "is_public": False}, answers.article("Rehab", "news")
    day = date(2026, 9, 1)
    [found] = to_look_at_again([one, hidden, news], "sv", day, UTC)
    by = datetime(2026, 9, 1, tzinfo=UTC)
    assert found == Waiting("look_again", "Rehab", by, "/articles/news")
    assert to_look_at_again([one], "sv", day - timedelta(days=1), UTC) == []


def test_every_kind_is_said_with_its_reason() -> None:
    assert set(TITLES) == set(WHY) == set(get_args(Kind))


def test_the_earliest_comes_first_and_what_has_no_date_last() -> None:
    late = Waiting("answer", "b", CLOSES.replace(year=2027), "/b")
    early, never = Waiting("answer", "a", CLOSES, "/a"), Waiting("gate", "c", None, "/c")
    assert by_urgency([never, late, early]) == [early, late, never]
