"""From the end of the pilot to the decision: what the gate says, what may be done, who approves."""

import copy
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

from unit.workflow.clock import NOW, later
from unit.workflow.rollout.samples import (
    ADMINISTRATOR,
    DECISION_ID,
    OTHERS,
    PILOTS,
    ROLLOUT_ID,
    SECOND,
    good_evidence,
    released,
    uow_with_rollout,
)
from unit.workflow.rollout.story import (
    BROAD,
    Story,
    evaluated,
    refusal,
    unfinished,
)
from unit.workflow.template.sample import DOCUMENT
from workflow_service.application.journey.handlers import store_evidence
from workflow_service.application.ports import ActionRequest, JourneyFilter, NewEvidence
from workflow_service.application.rollout.commands import PerformAction
from workflow_service.application.rollout.handlers import advance, perform
from workflow_service.domain.duration import Duration, parse_duration
from workflow_service.domain.journey.evidence import (
    EvidenceDetail,
    ModuleCompleted,
    RoundReleased,
)
from workflow_service.domain.journey.turn import NEEDS
from workflow_service.domain.rollout import commands as c
from workflow_service.domain.rollout.advance import next_due
from workflow_service.domain.rollout.evaluation import EvaluateAgain
from workflow_service.domain.rollout.gate import EvaluatedGate
from workflow_service.domain.rollout.rollout import Rollout

WEEK = Duration(0, timedelta(days=7))


def test_a_pilot_ends_in_an_evaluated_gate() -> None:
    story = evaluated()

    assert story.state.phase == "evaluation"
    assert story.state.gate
    assert story.state.gate.outcome == "pass"
    assert story.state.wave(0).status == "completed"  # type: ignore[union-attr]


def test_a_pilot_with_one_journey_to_go_goes_on() -> None:
    story = Story().start_pilot()
    story.journeys["pilot-1"] = replace(story.journeys["pilot-1"], status="completed")

    assert story.settle().state.phase == "pilot"


def test_an_inconclusive_gate_waits_for_a_person() -> None:
    story = evaluated(hidden=True)
    assert story.state.gate
    assert story.state.gate.outcome == "inconclusive"
    assert story.why_not("propose_decision") == "gate-inconclusive"
    assert story.why_not("extend_pilot") == "extension-changes-nothing"

    story.do(c.OverrideGate("pass", "The unit is small; its meetings were held."))
    assert story.why_not("propose_decision") is None
    assert story.why_not("override_gate") == "gate-overridden"


def test_an_override_stays_beside_its_gate_for_ever() -> None:
    story = unfinished().do(c.ExtendPilot(WEEK, "Modules."))
    story.do(c.OverrideGate("fail", "Too little was done."))
    assert next_due(story.state) is None
    assert story.why_not("extend_pilot") == "gate-overridden"
    assert story.why_not("evaluate_gate") == "gate-overridden"

    story.now = later(days=30)
    gate = story.settle().state.gate
    assert gate
    assert gate.override
    assert (gate.outcome, gate.override.reason) == ("fail", "Too little was done.")


def test_an_adjusted_pilot_ends_the_rollout_and_keeps_what_was_seen() -> None:
    story = evaluated(participation=10)
    adjusted = c.ProposeDecision("adjusted_pilot", "Once more.", "RV 2026-0143", DECISION_ID)
    story.do(adjusted).do(c.ApproveDecision(DECISION_ID), SECOND)

    assert story.state.status == "stopped"
    assert story.state.gate
    assert story.state.gate.outcome == "fail"
    assert {story.journeys[unit].status for unit in PILOTS} == {"completed"}
    assert {story.journeys[unit].status for unit in OTHERS} == {"stopped"}
    assert {story.why_not(action) for action in c.COMMANDS} == {"rollout-ended"}


def test_an_extended_pilot_is_weighed_again_in_time() -> None:
    story = unfinished()
    assert story.why_not("propose_decision") == "gate-inconclusive"
    story.do(c.ExtendPilot(WEEK, "Two modules are left."))
    assert next_due(story.state) == later(days=7)

    story.evidence = tuple(good_evidence(unit) for unit in PILOTS)
    assert story.settle().why_not("propose_decision") == "gate-inconclusive"
    story.now = later(days=7)
    assert story.settle().why_not("propose_decision") is None
    assert next_due(story.state) is None


def test_a_correction_leaves_the_promised_evaluation() -> None:
    story = unfinished().do(c.ExtendPilot(WEEK, "Two modules are left."))
    story.now = later(days=3)
    (event,) = story.decide(EvaluateAgain())
    assert event.evolve(story.state).evaluate_again_at == later(days=7)


def test_a_pilot_is_weighed_again_after_a_pause() -> None:
    story = evaluated().do(c.Pause("Summer"))
    story.evidence = tuple(replace(unit, baseline=released(None)) for unit in story.evidence)
    story.do(c.Resume("Autumn"))
    assert story.why_not("propose_decision") == "gate-inconclusive"


def test_a_pilot_is_weighed_again_after_a_rejection() -> None:
    story = evaluated().do(BROAD)
    story.evidence = tuple(replace(unit, baseline=released(None)) for unit in story.evidence)
    story.do(c.RejectDecision(DECISION_ID, "The evidence was corrected."), SECOND)
    assert story.why_not("propose_decision") == "gate-inconclusive"


def test_no_decision_while_a_failed_pilot_is_extended() -> None:
    story = unfinished(fail_below=50).do(c.ExtendPilot(WEEK, "Two modules are left."))

    assert story.why_not("propose_decision") == "pilot-extended"


def test_an_extension_is_held_by_a_pause() -> None:
    story = unfinished().do(c.ExtendPilot(WEEK, "Two modules are left."))
    story.now = later(days=2)
    story.do(c.Pause("Summer"))
    story.now = later(days=32)
    story.do(c.Resume("Autumn"))
    assert next_due(story.state) == later(days=37)


def test_an_extension_has_a_limit_of_sense() -> None:
    a_century = c.ExtendPilot(parse_duration("P100Y"), "x")
    assert refusal(unfinished(), a_century) == "extension-too-long"
    unfinished().do(c.ExtendPilot(parse_duration("P1Y"), "x"))


def test_a_failed_gate_allows_no_wide_introduction() -> None:
    story = evaluated(participation=10)
    assert story.state.gate
    assert story.state.gate.outcome == "fail"
    assert refusal(story, BROAD) == "gate-failed"

    stop = c.ProposeDecision("stop", "It does not help us.", "RV 2026-0144", DECISION_ID)
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


async def test_late_modules_count_in_the_next_evaluation_and_late_results_do_not() -> None:
    document = copy.deepcopy(DOCUMENT)
    criterion = {"pass_at_least": 75, "fail_below": 50, "dry_run": False}
    document["pilot_gate"]["criteria"] = [
        {"code": measure, "measure": measure, **criterion}
        for measure in ("participation", "modules_completed")
    ]
    uow = await uow_with_rollout(document)

    async def do(command: c.AnyCommand) -> Rollout:
        request = ActionRequest(command, ADMINISTRATOR, str(uuid4()))
        return (await perform(PerformAction(ROLLOUT_ID, request), uow)).state

    async def report(detail: EvidenceDetail) -> None:
        for unit in PILOTS:
            await store_evidence(NewEvidence(ROLLOUT_ID, unit, uuid4(), NOW, detail), uow)

    async def time_passes(now: datetime) -> EvaluatedGate:
        uow.time = now
        gate = (await advance(ROLLOUT_ID, uow)).state.gate
        assert gate
        return gate

    await do(c.StartPilot())
    journeys = await uow.rollouts.journeys(ROLLOUT_ID, JourneyFilter(unit_ids=PILOTS))
    await uow.rollouts.save_journeys(
        [replace(each, step="after_care", status="completed") for each in journeys.values()]
    )
    await report(ModuleCompleted("intro"))
    await report(RoundReleased("baseline_released", 60))
    await report(RoundReleased("follow_up_released", 60))
    gate = await time_passes(NOW)
    assert [result.outcome for result in gate.criteria] == ["inconclusive", "fail"]
    assert "more time does not change this" in gate.criteria[0].explanation
    assert "record later counts" in gate.criteria[1].explanation

    await do(c.ExtendPilot(WEEK, "One module is left."))
    await report(ModuleCompleted("samtal"))
    await report(RoundReleased("baseline_released", 90))
    gate = await time_passes(later(days=7))
    assert [(result.outcome, result.value) for result in gate.criteria] == [
        ("inconclusive", 60.0),
        ("pass", 100.0),
    ]


def test_nothing_but_modules_and_results_can_be_wanting_when_every_journey_is_over() -> None:
    """The steps' needs are the reason why more time changes nothing but modules."""
    needed = {kind for kinds in NEEDS.values() for kind in kinds}

    assert needed == {
        *("baseline_released", "follow_up_released"),
        *("meeting_held", "action_chosen", "action_checked_back"),
    }
