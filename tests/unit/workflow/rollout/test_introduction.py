"""The wide introduction: plans, legal prerequisites, and one wave after the other."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from unit.workflow.clock import NOW, later
from unit.workflow.rollout.samples import SECOND, TEMPLATE
from unit.workflow.rollout.story import BROAD, Story, decided, record, refusal
from workflow_service.domain.rollout import commands as c
from workflow_service.domain.rollout.advance import next_due


def test_no_wave_before_the_one_before_it_is_verified() -> None:
    story = record(record(decided().do(c.PlanWaves(wave_size=3)), 1), 2)
    story.do(c.StartBroadIntroduction())
    story.now = later(days=60)
    verified_after = TEMPLATE.waves.verified_after

    assert story.reach(1, verified_after).state.running_waves == (1,)
    late = next(unit for unit, journey in story.journeys.items() if journey.wave == 1)
    story.do(c.PauseUnit(late, "Renovation"))
    assert story.reach(1, "after_care").state.running_waves == (1, 2)
    assert story.end_wave(1).state.wave(1).status == "verified"  # type: ignore[union-attr]
    story.do(c.ResumeUnit(late, "Done"))
    assert story.end_wave(1).state.wave(1).status == "completed"  # type: ignore[union-attr]


def test_a_later_wave_waits_for_its_own_prerequisites_and_its_date() -> None:
    story = record(decided().do(c.PlanWaves(wave_size=3)), 1).do(c.StartBroadIntroduction())
    story.reach(1, "after_care")
    story.now = later(days=60)
    assert story.settle().state.running_waves == (1,)

    story.now = NOW
    record(story, 2)
    assert story.state.running_waves == (1,)
    assert next_due(story.state) == TEMPLATE.waves.gap.after(NOW)
    story.now = later(days=60)
    assert story.settle().state.running_waves == (1, 2)


def test_a_new_plan_keeps_prerequisites_where_the_units_stay_the_same() -> None:
    story = record(decided().do(c.PlanWaves(wave_size=2)), 2)
    again = story.do(c.PlanWaves(wave_size=2)).state
    assert [bool(wave.prerequisites) for wave in again.later_waves] == [False, True, False]

    assert refusal(story, c.PlanWaves(wave_size=4)) == "prerequisites-would-be-dropped"
    story.do(c.PlanWaves(wave_size=4, drop_prerequisites=True))
    assert not any(wave.prerequisites for wave in story.state.later_waves)


def test_a_document_of_two_waves_is_dropped_where_the_units_changed() -> None:
    story = record(record(decided().do(c.PlanWaves(wave_size=2)), 1), 2)
    stopped = next(unit for unit, each in story.journeys.items() if each.wave == 2)
    story.do(c.StopUnit(stopped, "Closed"))

    assert refusal(story, c.PlanWaves(wave_size=2)) == "prerequisites-would-be-dropped"


def test_the_pilot_waits_for_its_prerequisites_too() -> None:
    story = Story()
    assert story.why_not("start_pilot") == "prerequisites-missing"
    assert record(story, 0).why_not("start_pilot") is None


def test_waves_that_have_not_started_can_be_planned_again() -> None:
    story = record(decided().do(c.PlanWaves(wave_size=2)), 1).do(c.StartBroadIntroduction())
    first = {unit for unit, journey in story.journeys.items() if journey.wave == 1}
    story.now = later(days=3)
    story.do(c.PlanWaves(wave_size=1))

    assert {unit for unit, journey in story.journeys.items() if journey.wave == 1} == first
    assert [wave.number for wave in story.state.later_waves] == [1, 2, 3, 4, 5]
    assert story.state.later_waves[1].planned_start == TEMPLATE.waves.gap.after(NOW)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (c.RecordPrerequisite(9, "risk_assessment", "x", NOW.date()), "wave-unknown"),
        (
            c.RecordPrerequisite(1, "risk_assessment", "x", later(days=1).date()),
            "recorded-in-future",
        ),
        (c.PauseUnit("unit-1", "x"), "no-wave-running"),
        (c.ResumeUnit("unit-1", "x"), "no-unit-paused"),
        (c.StartPilot(), "pilot-started"),
        (c.EvaluateGate(), "not-in-evaluation"),
        (c.Resume("x"), "rollout-not-paused"),
        (replace(BROAD, decision_id=uuid4()), "decision-made"),
    ],
)
def test_refused_when_planned(command: c.AnyCommand, code: str) -> None:
    assert refusal(decided().do(c.PlanWaves(wave_size=3)), command) == code


def test_today_is_the_day_in_sweden() -> None:
    story = decided().do(c.PlanWaves(wave_size=3))
    story.now = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)  # Half past midnight in Sweden.
    story.do(c.RecordPrerequisite(1, "risk_assessment", "x", date(2026, 7, 2)))
    tomorrow = c.RecordPrerequisite(1, "joint_consultation", "x", date(2026, 7, 3))
    assert refusal(story, tomorrow) == "recorded-in-future"


@pytest.mark.parametrize("day", [date(1, 1, 1), date(1826, 3, 2), date(2021, 2, 20)])
def test_a_prerequisite_is_of_the_last_five_years(day: date) -> None:
    story = decided().do(c.PlanWaves(wave_size=3))
    old = c.RecordPrerequisite(1, "risk_assessment", "x", day)
    assert refusal(story, old) == "recorded-too-long-ago"
    story.do(replace(old, recorded_on=date(2021, 3, 2)))


def test_prerequisites_are_recorded_once_and_corrected_with_a_reason() -> None:
    story = record(decided().do(c.PlanWaves(wave_size=3)), 1)
    risk, joint = story.state.waves[1].prerequisites
    again = c.RecordPrerequisite(1, "risk_assessment", "RV 2026-0008", date(2026, 2, 27))
    assert refusal(story, again) == "prerequisite-recorded"

    corrected = replace(risk, reference="RV 2026-0008", recorded_on=date(2026, 2, 27), by=SECOND)
    story.do(replace(again, reason="Wrong number"), SECOND)
    assert story.state.waves[1].prerequisites == (
        replace(corrected, reason="Wrong number"),
        joint,
    )
    story.do(c.StartBroadIntroduction())
    assert refusal(story, again) == "prerequisite-recorded"
    story.do(replace(again, reason="Wrong day"))
    assert story.state.waves[1].prerequisites[0].reason == "Wrong day"


def test_gaps_count_from_the_real_start_of_the_wave_before() -> None:
    story = record(record(record(decided().do(c.PlanWaves(wave_size=2)), 1), 2), 3)
    story.do(c.StartBroadIntroduction())
    gap = TEMPLATE.waves.gap
    story.now = later(days=60)  # Wave 1 took long: every planned start has passed.
    story.reach(1, "after_care")
    assert story.state.running_waves == (1, 2)

    story.reach(2, "after_care")
    assert story.state.running_waves == (1, 2)
    assert story.state.wave(3).planned_start == gap.after(later(days=60))  # type: ignore[union-attr]
    story.now = gap.after(later(days=60))
    assert story.settle().state.running_waves == (1, 2, 3)


def test_waves_are_planned_and_recorded_in_a_pause_and_nothing_starts() -> None:
    story = record(decided().do(c.PlanWaves(wave_size=3)), 1).do(c.StartBroadIntroduction())
    story.reach(1, "after_care")
    story.now = later(days=60)
    story.do(c.Pause("Summer"))
    assert {"plan_waves", "record_prerequisite"} <= {
        view.action for view in story.actions() if view.allowed
    }

    record(story.do(c.PlanWaves(wave_size=2)), 2)
    assert story.settle().state.running_waves == (1,)
    assert next_due(story.state) is None
    assert story.do(c.Resume("Autumn")).state.running_waves == (1, 2)


def test_what_is_planned_in_a_pause_is_moved_by_the_rest_of_it() -> None:
    story = record(decided().do(c.PlanWaves(wave_size=2)), 1).do(c.StartBroadIntroduction())
    gap = TEMPLATE.waves.gap
    story.now = later(days=1)
    story.do(c.Pause("Summer"))
    story.now = later(days=11)
    story.do(c.PlanWaves(wave_size=2))
    second, third = (wave.planned_start for wave in story.state.planned_waves)
    assert second == gap.after(NOW) + timedelta(days=10)

    story.now = later(days=41)
    resumed = story.do(c.Resume("Autumn")).state.planned_waves
    assert [wave.planned_start for wave in resumed] == [
        start + timedelta(days=30) for start in (second, third) if start
    ]


def test_a_pause_moves_what_lay_ahead_by_its_length() -> None:
    story = record(record(decided().do(c.PlanWaves(wave_size=3)), 1), 2)
    story.do(c.StartBroadIntroduction())
    planned = story.state.wave(2).planned_start  # type: ignore[union-attr]
    assert planned
    story.now = later(days=1)
    story.do(c.Pause("Summer"))
    story.now = later(days=41)
    story.do(c.Resume("Autumn"))

    assert story.state.wave(2).planned_start == planned + timedelta(days=40)  # type: ignore[union-attr]
    story.do(c.PlanWaves(wave_size=3, drop_prerequisites=True))
    assert story.state.wave(2).planned_start == planned + timedelta(days=40)  # type: ignore[union-attr]
    story.reach(1, "after_care")
    assert story.state.running_waves == (1,)
    assert next_due(story.state) == planned + timedelta(days=40)
