"""The rollout as a whole: the whole way, pauses, stops, stale versions, reasons for refusals."""

from dataclasses import replace

import pytest

from unit.workflow.clock import later
from unit.workflow.rollout.samples import OTHERS, PILOTS
from unit.workflow.rollout.story import BROAD, Story, decided, evaluated, record, refusal
from workflow_service.domain.errors import DomainError
from workflow_service.domain.rollout import commands as c
from workflow_service.domain.rollout.commands import check_version
from workflow_service.domain.rollout.standstill import RolloutStopped


def test_the_whole_way() -> None:
    story = decided().do(c.PlanWaves(wave_size=3))
    assert [wave.number for wave in story.state.later_waves] == [1, 2]
    assert story.why_not("start_broad_introduction") == "prerequisites-missing"

    record(story, 1).do(c.StartBroadIntroduction())
    assert story.state.phase == "broad_introduction"
    assert story.state.running_waves == (1,)

    record(story, 2)
    story.now = later(days=60)
    assert story.settle().state.running_waves == (1,)
    assert story.reach(1, "after_care").state.running_waves == (1, 2)
    story.end_wave(1).end_wave(2)
    assert (story.state.phase, story.state.status) == ("after_care", "completed")
    assert {story.why_not(action) for action in c.COMMANDS} == {"rollout-ended"}


def test_pausing_units() -> None:
    story = Story().start_pilot()
    assert refusal(story, c.PauseUnit("nobody", "x")) == "unit-not-in-rollout"
    assert refusal(story, c.PauseUnit(OTHERS[0], "x")) == "journey-not-active"

    story.do(c.PauseUnit("pilot-1", "Renovation"))
    assert story.journeys["pilot-1"].paused_reason == "Renovation"
    assert refusal(story, c.PauseUnit("pilot-1", "x")) == "unit-paused"
    assert refusal(story, c.ResumeUnit("pilot-2", "x")) == "unit-not-paused"
    story.do(c.ResumeUnit("pilot-1", "Done"))
    assert story.journeys["pilot-1"].status == "active"


def test_pausing_is_offered_while_a_unit_goes_on() -> None:
    story = Story().start_pilot()
    for unit in PILOTS[:-1]:
        story.do(c.PauseUnit(unit, "x"))
    assert story.why_not("pause_unit") is None
    story.end_wave(0)
    assert story.state.running_waves == (0,)
    assert story.why_not("pause_unit") == "no-unit-active"


def test_a_paused_rollout_takes_no_step() -> None:
    story = Story().start_pilot().do(c.Pause("Summer"))

    free = {action for action in c.COMMANDS if story.why_not(action) is None}
    assert free == {"resume", "stop", "stop_unit", "record_prerequisite"}
    assert story.end_wave(0).state.phase == "pilot"
    story.do(c.Resume("Autumn"))
    assert story.state.phase == "evaluation"


def test_stopping_ends_every_journey_that_is_not_over() -> None:
    story = Story().start_pilot()
    story.journeys["pilot-1"] = replace(story.journeys["pilot-1"], status="completed")

    story.do(c.Stop("No money."))
    assert story.journeys["pilot-1"].status == "completed"
    assert {story.journeys[unit].status for unit in (*PILOTS[1:], *OTHERS)} == {"stopped"}
    assert RolloutStopped(story.state.rollout_id).waves_to_nudge(story.state) == (0,)


def test_a_stale_version_tells_what_changed() -> None:
    story = evaluated().do(BROAD)
    check_version(story.state, None)
    check_version(story.state, story.state.version)

    with pytest.raises(DomainError, match=r"propose_decision \(6\)") as caught:
        check_version(story.state, 5)
    assert (caught.value.code, caught.value.kind) == ("stale-version", "conflict")


def test_every_refusal_has_a_code_and_a_sentence() -> None:
    for story in (Story(), evaluated(), evaluated(hidden=True), decided(), Story().do(c.Stop("x"))):
        for view in story.actions():
            assert view.allowed is (view.why_not is None)
            if view.why_not:
                assert view.why_not.code == view.why_not.code.lower()
                assert view.why_not.detail.endswith(".")


def test_nothing_is_offered_to_a_caller_who_may_not_act() -> None:
    views = Story().actions(may_act=False)
    assert {view.why_not.code for view in views if view.why_not} == {"not-your-role"}
    assert not any(view.allowed for view in views)
