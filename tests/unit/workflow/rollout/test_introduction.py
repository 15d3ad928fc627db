"""The wide introduction: plans, legal prerequisites, and one wave after the other."""

from dataclasses import replace
from uuid import uuid4

import pytest

from unit.workflow.clock import NOW, later
from unit.workflow.rollout.samples import TEMPLATE
from unit.workflow.rollout.story import BROAD, decided, record, refusal
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


def test_a_new_plan_asks_for_prerequisites_anew() -> None:
    story = record(decided().do(c.PlanWaves(wave_size=3)), 1).do(c.PlanWaves())

    assert story.why_not("start_broad_introduction") == "prerequisites-missing"
    assert {journey.wave for journey in story.journeys.values()} <= {0, 1, 2, 3, 4, 5, 6}


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


def test_prerequisites_are_recorded_once_and_before_the_start() -> None:
    story = record(decided().do(c.PlanWaves(wave_size=3)), 1)
    again = c.RecordPrerequisite(1, "risk_assessment", "x", NOW.date())
    assert refusal(story, again) == "prerequisite-recorded"
    story.do(c.StartBroadIntroduction())
    assert refusal(story, again) == "wave-started"
