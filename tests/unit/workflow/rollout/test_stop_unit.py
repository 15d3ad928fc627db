"""A unit that is dissolved, or can never finish, is stopped alone: the others go on without it."""

from dataclasses import replace

import pytest

from unit.workflow.clock import NOW, later
from unit.workflow.rollout.samples import OTHERS, PILOTS, ROLLOUT_ID
from unit.workflow.rollout.story import Story, decided, evaluated, record, refusal
from workflow_service.domain.journey.journey import JourneyStopped
from workflow_service.domain.rollout import commands as c
from workflow_service.domain.rollout.introduction import BroadIntroductionStarted
from workflow_service.domain.rollout.pilot import PilotStarted
from workflow_service.domain.rollout.standstill import UnitStopped
from workflow_service.domain.rollout.transition import Member


def stop(unit: str) -> c.StopUnit:
    return c.StopUnit(unit, "Dissolved")


def introducing() -> Story:
    """Wave 1 of two runs; wave 2 may follow."""
    story = record(record(decided().do(c.PlanWaves(wave_size=3)), 1), 2)
    story.do(c.StartBroadIntroduction())
    story.now = later(days=60)
    return story


def in_wave(story: Story, wave: int) -> list[str]:
    return sorted(unit for unit, journey in story.journeys.items() if journey.wave == wave)


def test_the_pilot_ends_without_a_stopped_unit() -> None:
    story = Story().start_pilot()
    story.do(c.PauseUnit("pilot-1", "x")).do(stop("pilot-1"))
    assert (story.journeys["pilot-1"].status, story.state.paused_units) == ("stopped", ())
    assert story.state.phase == "pilot"
    assert story.end_wave(0).state.phase == "evaluation"


def test_a_unit_stopped_before_its_pilot_does_not_start() -> None:
    story = Story().do(stop("pilot-1"))
    started, _ = story.decide(c.StartPilot())
    assert started == PilotStarted(ROLLOUT_ID, PILOTS[1:])
    story.start_pilot()
    statuses = {unit: story.journeys[unit].status for unit in PILOTS}
    assert statuses == dict.fromkeys(PILOTS, "active") | {"pilot-1": "stopped"}
    assert story.end_wave(0).state.phase == "evaluation"


def test_a_stopped_unit_is_in_no_new_plan() -> None:
    story = decided().do(c.PlanWaves(wave_size=3))
    story.do(stop("unit-1")).do(c.PlanWaves(wave_size=2))
    assert story.journeys["unit-1"].wave is None
    assert sorted(in_wave(story, 1) + in_wave(story, 2) + in_wave(story, 3)) == list(OTHERS[1:])


def test_without_a_unit_left_there_is_nothing_to_plan_but_a_way_out() -> None:
    story = decided()
    for unit in OTHERS:
        assert story.why_not("plan_waves") is None
        story.do(stop(unit))
    assert story.why_not("plan_waves") == "no-unit-left"
    assert refusal(story, c.PlanWaves()) == "no-unit-left"
    assert story.why_not("start_broad_introduction") == "waves-not-planned"
    assert story.do(c.Stop("Nobody is left.")).state.status == "stopped"


def stop_wave(story: Story, wave: int) -> None:
    for unit in in_wave(story, wave):
        story.do(stop(unit))


def test_the_introduction_passes_over_a_wave_that_all_units_have_left() -> None:
    story = record(decided().do(c.PlanWaves(wave_size=2)), 2)
    assert story.why_not("start_broad_introduction") == "prerequisites-missing"
    stop_wave(story, 1)
    started, *_ = story.decide(c.StartBroadIntroduction())
    assert started == BroadIntroductionStarted(ROLLOUT_ID, 2)

    story.do(c.StartBroadIntroduction())
    story.now = later(days=60)
    assert story.settle().state.running_waves == (2,)
    story.reach(2, "after_care")
    stop_wave(story, 3)
    late = c.RecordPrerequisite(3, "risk_assessment", "x", NOW.date())
    assert refusal(story, late) == "wave-started"
    assert story.why_not("plan_waves") == "all-waves-started"
    assert story.end_wave(2).state.status == "completed"


def test_a_new_plan_closes_the_gap_that_a_stopped_wave_left() -> None:
    story = decided().do(c.PlanWaves(wave_size=2))
    stop_wave(story, 1)
    story.do(c.PlanWaves(wave_size=2))
    assert [(wave.number, wave.status) for wave in story.state.later_waves] == [
        (1, "planned"),
        (2, "planned"),
    ]


def test_an_introduction_that_all_units_have_left_names_the_way_out() -> None:
    story = record(decided().do(c.PlanWaves(wave_size=6)), 1)
    stop_wave(story, 1)
    assert {story.why_not(each) for each in ("plan_waves", "start_broad_introduction")} == {
        "no-unit-left"
    }
    assert story.do(c.Stop("Nobody is left.")).state.status == "stopped"


def test_a_wave_is_verified_and_completed_without_a_stopped_unit() -> None:
    story = introducing()
    first = in_wave(story, 1)
    story.do(stop(first[0])).reach(1, "after_care")
    assert story.state.running_waves == (1, 2)
    assert story.end_wave(1).state.wave(1).status == "completed"  # type: ignore[union-attr]
    for unit in in_wave(story, 2):
        story.do(stop(unit))
    assert (story.state.phase, story.state.status) == ("after_care", "completed")


def test_a_unit_stopped_before_its_wave_does_not_start_with_it() -> None:
    story = introducing()
    waiting = in_wave(story, 2)[0]
    story.do(stop(waiting)).reach(1, "after_care")
    assert story.state.running_waves == (1, 2)
    assert story.journeys[waiting].status == "stopped"


def test_the_last_pilot_unit_stopped_in_a_pause_ends_the_pilot_after_it() -> None:
    story = Story().start_pilot().do(c.Pause("x"))
    for unit in PILOTS:
        story.do(stop(unit))
    assert story.settle().state.phase == "pilot"
    assert story.do(c.Resume("y")).state.phase == "evaluation"


def test_refused_for_whom_it_makes_no_sense() -> None:
    story = evaluated()
    assert refusal(story, stop("pilot-1")) == "journey-ended"
    assert refusal(story, stop("nobody")) == "unit-not-in-rollout"
    assert story.do(c.Pause("x")).do(stop("unit-1")).journeys["unit-1"].status == "stopped"
    assert refusal(story.do(c.Stop("x")), stop("unit-1")) == "rollout-ended"


@pytest.mark.parametrize("started", [True, False])
def test_others_hear_of_it_if_they_heard_of_the_journey(started: bool) -> None:
    story = Story().start_pilot() if started else Story()
    event = UnitStopped(ROLLOUT_ID, "pilot-1", 0)
    members = {"pilot-1": Member(story.journeys["pilot-1"], 20)}
    _, journey_events = event.effects(members)
    assert journey_events == ([JourneyStopped(ROLLOUT_ID, "pilot-1")] if started else [])
    assert event.waves_to_nudge(story.state) == ((0,) if started else ())
    assert replace(event, wave=None).waves_to_nudge(story.state) == ()
