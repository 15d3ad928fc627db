"""The rollout's rules and decider: every action, in order, out of order, and by whom."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from unit.workflow.rollout_samples import (
    ADMINISTRATOR,
    DECISION_ID,
    NOW,
    OTHERS,
    PILOTS,
    SECOND,
    TEMPLATE,
    facts,
    good_evidence,
    later,
    new_journeys,
    new_rollout,
    released,
)
from workflow_service.domain import rollout_commands as c
from workflow_service.domain import rollout_events as e
from workflow_service.domain.duration import Duration
from workflow_service.domain.errors import DomainError
from workflow_service.domain.journey_effects import effects
from workflow_service.domain.rollout import evolve
from workflow_service.domain.rollout_decider import decide, next_due, next_step, waves_to_nudge
from workflow_service.domain.rollout_rules import allowed_actions, check_version

WEEK = Duration(0, timedelta(days=7))
BROAD = c.ProposeDecision(DECISION_ID, "broad_introduction", "It works.", "RV 2026-0142")


class Story:
    """A rollout told step by step, without a store."""

    def __init__(self) -> None:
        self.state, self.journeys = new_rollout(), new_journeys()
        self.evidence = tuple(good_evidence(unit) for unit in PILOTS)
        self.now = NOW

    def do(self, command: c.Command, by: str = ADMINISTRATOR) -> "Story":
        events = decide(self.state, command, by, self.now, self._facts())
        self._take(events, command.action)
        return self.settle()

    def settle(self) -> "Story":
        while due := next_step(self.state, self.now, self._facts()):
            self._take(due[1], due[0].action)
        return self

    def _facts(self):  # type: ignore[no-untyped-def]
        return facts(self.journeys, self.evidence)

    def _take(self, events: tuple[e.RolloutEvent, ...], action: str) -> None:
        for event in events:
            self.state = evolve(self.state, event)
            changed, _ = effects(event, self.journeys, self._facts().headcounts)
            self.journeys |= {journey.unit_id: journey for journey in changed}
        self.state = self.state.accepted(action)

    def end_wave(self, wave: int) -> "Story":
        """Every active journey of the wave completes."""
        for unit, journey in self.journeys.items():
            if journey.wave == wave and journey.status == "active":
                self.journeys[unit] = replace(journey, step="after_care", status="completed")
        return self.settle()

    def reach(self, wave: int, step: str) -> "Story":
        for unit, journey in self.journeys.items():
            if journey.wave == wave and journey.status == "active":
                self.journeys[unit] = replace(journey, step=step)
        return self.settle()

    def why_not(self, action: str, by: str = ADMINISTRATOR) -> str | None:
        views = {view.action: view for view in allowed_actions(self.state, by)}
        reason = views[action].why_not
        return reason.code if reason else None


def evaluated(*, hidden: bool = False, participation: int = 75) -> Story:
    story = Story()
    if hidden:
        story.evidence = (
            *story.evidence[:3],
            replace(story.evidence[3], baseline=released(None)),
        )
    story.evidence = tuple(
        replace(unit, follow_up=released(participation, 55)) for unit in story.evidence
    )
    return story.do(c.StartPilot()).end_wave(0)


def decided() -> Story:
    return evaluated().do(BROAD).do(c.ApproveDecision(DECISION_ID), SECOND)


def record(story: Story, wave: int) -> Story:
    for kind in ("risk_assessment", "joint_consultation"):
        story.do(c.RecordPrerequisite(wave, kind, "RV 2026-0007", NOW.date()))  # type: ignore[arg-type]
    return story


def refusal(story: Story, command: c.Command, by: str = ADMINISTRATOR) -> str:
    with pytest.raises(DomainError) as caught:
        story.do(command, by)
    return caught.value.code


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
    story.reach(1, "after_care")
    assert story.state.running_waves == (1, 2)
    story.end_wave(1).end_wave(2)
    assert (story.state.phase, story.state.status) == ("after_care", "completed")
    assert {story.why_not(action) for action in c.ACTIONS} == {"rollout-ended"}


def test_a_pilot_ends_in_an_evaluated_gate() -> None:
    story = evaluated()

    assert story.state.phase == "evaluation"
    assert story.state.gate
    assert story.state.gate.outcome == "pass"
    assert story.state.wave(0).status == "completed"  # type: ignore[union-attr]


def test_a_pilot_with_one_journey_to_go_goes_on() -> None:
    story = Story().do(c.StartPilot())
    story.journeys["pilot-1"] = replace(story.journeys["pilot-1"], status="completed")

    assert story.settle().state.phase == "pilot"


def test_an_inconclusive_gate_waits_for_a_person() -> None:
    story = evaluated(hidden=True)
    assert story.state.gate
    assert story.state.gate.outcome == "inconclusive"
    assert story.why_not("propose_decision") == "gate-inconclusive"
    assert story.why_not("extend_pilot") is None

    story.do(c.OverrideGate("pass", "The unit is small; its meetings were held."))
    assert story.why_not("propose_decision") is None
    assert story.why_not("evaluate_gate") == "gate-overridden"
    assert story.why_not("override_gate") == "gate-overridden"


def test_an_override_stays_beside_its_gate_for_ever() -> None:
    story = evaluated(hidden=True).do(c.OverrideGate("fail", "Too little was done."))
    adjusted = c.ProposeDecision(DECISION_ID, "adjusted_pilot", "Once more.", "RV 2026-0143")
    story.do(adjusted).do(c.ApproveDecision(DECISION_ID), SECOND)

    assert story.state.phase == "evaluation"
    assert story.state.gate is None
    assert story.state.past_gates[0].override
    assert story.state.past_gates[0].override.reason == "Too little was done."
    assert story.why_not("propose_decision") == "gate-not-evaluated"
    assert story.do(c.EvaluateGate()).state.gate is not None


def test_an_extended_pilot_is_weighed_again_in_time() -> None:
    story = evaluated(hidden=True).do(c.ExtendPilot(WEEK, "One more meeting."))
    assert next_due(story.state) == later(days=7)

    story.evidence = tuple(good_evidence(unit) for unit in PILOTS)
    assert story.settle().why_not("propose_decision") == "gate-inconclusive"
    story.now = later(days=7)
    assert story.settle().why_not("propose_decision") is None
    assert next_due(story.state) is None


def test_no_decision_while_a_failed_pilot_is_extended() -> None:
    story = evaluated(participation=10).do(c.ExtendPilot(WEEK, "One more meeting."))

    assert story.why_not("propose_decision") == "pilot-extended"


def test_a_failed_gate_allows_no_wide_introduction() -> None:
    story = evaluated(participation=10)
    assert story.state.gate
    assert story.state.gate.outcome == "fail"
    assert refusal(story, BROAD) == "gate-failed"

    stop = c.ProposeDecision(DECISION_ID, "stop", "It does not help us.", "RV 2026-0144")
    story.do(stop).do(c.ApproveDecision(DECISION_ID), SECOND)
    assert story.state.status == "stopped"
    assert all(journey.ended for journey in story.journeys.values())


def test_the_proposer_does_not_approve() -> None:
    story = evaluated().do(BROAD)

    assert story.why_not("approve_decision", ADMINISTRATOR) == "four-eyes"
    assert story.why_not("approve_decision", SECOND) is None
    assert refusal(story, c.ApproveDecision(DECISION_ID)) == "four-eyes"
    assert refusal(story, c.ApproveDecision(uuid4()), SECOND) == "other-decision"
    assert refusal(story, BROAD) == "decision-pending"


def test_a_rejected_decision_can_be_proposed_anew_by_either() -> None:
    story = evaluated().do(BROAD).do(c.RejectDecision(DECISION_ID, "No budget."), SECOND)
    assert story.state.phase == "evaluation"
    assert story.why_not("approve_decision", SECOND) == "no-decision-pending"

    again = replace(BROAD, decision_id=uuid4())
    story.do(again, SECOND)
    assert [past.rejection for past in story.state.past_decisions] == ["No budget."]
    assert story.why_not("approve_decision", SECOND) == "four-eyes"


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
def test_refused_when_planned(command: c.Command, code: str) -> None:
    assert refusal(decided().do(c.PlanWaves(wave_size=3)), command) == code


def test_prerequisites_are_recorded_once_and_before_the_start() -> None:
    story = record(decided().do(c.PlanWaves(wave_size=3)), 1)
    again = c.RecordPrerequisite(1, "risk_assessment", "x", NOW.date())
    assert refusal(story, again) == "prerequisite-recorded"
    story.do(c.StartBroadIntroduction())
    assert refusal(story, again) == "wave-started"


def test_pausing_units() -> None:
    story = Story().do(c.StartPilot())
    assert refusal(story, c.PauseUnit("nobody", "x")) == "unit-not-in-rollout"
    assert refusal(story, c.PauseUnit(OTHERS[0], "x")) == "journey-not-active"

    story.do(c.PauseUnit("pilot-1", "Renovation"))
    assert story.journeys["pilot-1"].paused_reason == "Renovation"
    assert refusal(story, c.PauseUnit("pilot-1", "x")) == "unit-paused"
    assert refusal(story, c.ResumeUnit("pilot-2", "x")) == "unit-not-paused"
    story.do(c.ResumeUnit("pilot-1", "Done"))
    assert story.journeys["pilot-1"].status == "active"


def test_a_paused_rollout_only_resumes_or_stops() -> None:
    story = Story().do(c.StartPilot()).do(c.Pause("Summer"))

    free = {action for action in c.ACTIONS if story.why_not(action) is None}
    assert free == {"resume", "stop"}
    assert story.end_wave(0).state.phase == "pilot"
    story.do(c.Resume("Autumn"))
    assert story.state.phase == "evaluation"


def test_stopping_ends_every_journey_that_is_not_over() -> None:
    story = Story().do(c.StartPilot())
    story.journeys["pilot-1"] = replace(story.journeys["pilot-1"], status="completed")

    story.do(c.Stop("No money."))
    assert story.journeys["pilot-1"].status == "completed"
    assert {story.journeys[unit].status for unit in (*PILOTS[1:], *OTHERS)} == {"stopped"}
    assert waves_to_nudge(story.state, [e.RolloutStopped(story.state.rollout_id)]) == (0,)


def test_a_stale_version_tells_what_changed() -> None:
    story = evaluated().do(BROAD)
    check_version(story.state, None)
    check_version(story.state, story.state.version)

    with pytest.raises(DomainError, match=r"propose_decision \(4\)") as caught:
        check_version(story.state, 3)
    assert (caught.value.code, caught.value.kind) == ("stale-version", "conflict")


def test_every_refusal_has_a_code_and_a_sentence() -> None:
    for story in (Story(), evaluated(), evaluated(hidden=True), decided(), Story().do(c.Stop("x"))):
        for view in allowed_actions(story.state, ADMINISTRATOR):
            assert view.allowed is (view.why_not is None)
            if view.why_not:
                assert view.why_not.code == view.why_not.code.lower()
                assert view.why_not.detail.endswith(".")
