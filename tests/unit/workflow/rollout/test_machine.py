"""Illegal transitions are impossible: Hypothesis drives the use cases at random and compares each
outcome with a reference model of a page, written apart from the rules."""

from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any, get_type_hints
from uuid import uuid4

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from unit.workflow.clock import NOW
from unit.workflow.rollout.model import Model
from unit.workflow.rollout.samples import (
    ADMINISTRATOR,
    OTHERS,
    PILOTS,
    ROLLOUT_ID,
    SECOND,
    uow_with_rollout,
)
from workflow_service.application.ports import ActionRequest, NewEvidence
from workflow_service.application.rollout.commands import PerformAction
from workflow_service.application.rollout.handlers import advance, perform
from workflow_service.domain.duration import Duration
from workflow_service.domain.errors import DomainError
from workflow_service.domain.journey.evidence import RoundReleased
from workflow_service.domain.rollout import commands as c
from workflow_service.domain.rollout.commands import COMMANDS, allowed_actions
from workflow_service.domain.rollout.parameters import UnitId, WaveNumber

people = st.sampled_from([ADMINISTRATOR, SECOND])
units = st.sampled_from([PILOTS[0], OTHERS[1]])  # Of the pilot, and of the first wave.
outcomes = st.sampled_from(["broad_introduction", "adjusted_pilot", "stop"])
# Whether these are possible depends on the unit or the wave that they name; the list of actions
# does not know it.
about_one = {
    action
    for action, command in c.COMMANDS.items()
    if not {UnitId, WaveNumber}.isdisjoint(get_type_hints(command, include_extras=True).values())
}


class RolloutMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.uow = self.run_(uow_with_rollout())
        self.model = Model()

    def run_(self, work: Coroutine[Any, Any, Any]) -> Any:
        """The result of work that waits for nothing: quicker than an event loop."""
        try:
            work.send(None)
        except StopIteration as done:
            return done.value
        raise AssertionError("the use cases wait for nothing but their ports")

    @property
    def state(self) -> Any:
        return self.uow.rollouts.rows[ROLLOUT_ID]

    @initialize(
        steps=st.integers(0, 12),
        proposer=people,
        size=st.integers(1, 3),
        outcome=st.sampled_from(["broad_introduction", "broad_introduction", "adjusted_pilot"]),
    )
    def start_somewhere(self, steps: int, proposer: str, size: int, outcome: str) -> None:
        """Random walks seldom get far, so they set out from all along the way."""
        other = SECOND if proposer == ADMINISTRATOR else ADMINISTRATOR
        way = [
            self.start_pilot,
            lambda: self.finish_pilot("good"),
            lambda: self.propose(proposer, outcome),
            lambda: self.approve(other),
            lambda: self.plan_waves(size),
            lambda: self.record_prerequisite(1, "risk_assessment"),
            lambda: self.record_prerequisite(1, "joint_consultation"),
            self.start_broad_introduction,
            lambda: self.record_prerequisite(2, "risk_assessment"),
            lambda: self.record_prerequisite(2, "joint_consultation"),
            lambda: self.time_passes(10),
            self.finish_running_waves,
        ]
        for step in way[:steps]:
            step()

    def attempt(self, command: c.AnyCommand, by: str, **more: Any) -> bool:
        """Perform it; the outcome must be what the model expects, and a refusal changes nothing."""
        expected = self.model.may(command.action, by, **more)
        before, version = self.state, self.state.version
        request = ActionRequest(command, by, str(uuid4()), version)
        refusal = None
        try:
            self.run_(perform(PerformAction(ROLLOUT_ID, request), self.uow))
        except DomainError as error:
            refusal = error
        if refusal:
            assert not expected, f"{command} was refused: {refusal.detail}"
            assert refusal.kind == "conflict"
            assert self.state == before
        else:
            assert expected, f"{command} was let through"
            assert self.state.version > version
        return refusal is None

    @rule()
    def start_pilot(self) -> None:
        if self.attempt(c.StartPilot(), ADMINISTRATOR):
            self.model.place = "pilot"
            self.model.started |= set(PILOTS) - self.model.ended_units
            self.follow_pilot()

    @rule(data=st.sampled_from(["good", "hidden", "bad"]))
    def finish_pilot(self, data: str) -> None:
        if self.model.place != "pilot" or self.model.paused or self.model.paused_units:
            return
        self.end_wave(0)
        participation = {"good": 75, "hidden": None, "bad": 10}[data]
        for unit in PILOTS:
            for detail in (
                RoundReleased("baseline_released", participation),
                RoundReleased("follow_up_released", participation),
            ):
                new = NewEvidence(ROLLOUT_ID, unit, uuid4(), NOW, detail)
                self.run_(self.uow.rollouts.add_evidence(new))
        self.model.place = "evaluation"
        self.model.gate = {"good": "pass", "hidden": "inconclusive", "bad": "fail"}[data]
        self.evaluated = self.model.gate
        self.run_(advance(ROLLOUT_ID, self.uow))

    def end_wave(self, wave: int) -> None:
        journeys = self.run_(self.uow.rollouts.journeys(ROLLOUT_ID)).values()
        ended = [
            replace(journey, step="after_care", status="completed")
            for journey in journeys
            if journey.wave == wave and journey.status == "active"
        ]
        self.run_(self.uow.rollouts.save_journeys(ended))
        self.model.ended_units |= {journey.unit_id for journey in ended}

    @rule()
    def extend_pilot(self) -> None:
        if self.attempt(c.ExtendPilot(Duration(0, timedelta(days=1)), "x"), ADMINISTRATOR):
            self.model.extended = True

    @rule(days=st.integers(0, 10))
    def time_passes(self, days: int) -> None:
        self.uow.time += timedelta(days=days)
        self.run_(advance(ROLLOUT_ID, self.uow))
        again = self.state.evaluate_again_at
        if self.model.extended and again is None:
            self.model.gate, self.model.extended = self.evaluated, False
        self.follow_waves_if_broad()

    @rule()
    def evaluate_gate(self) -> None:
        if self.attempt(c.EvaluateGate(), ADMINISTRATOR):
            self.model.gate, self.model.extended = self.evaluated, False

    @rule(outcome=st.sampled_from(["pass", "fail"]))
    def override_gate(self, outcome: Any) -> None:
        if self.attempt(c.OverrideGate(outcome, "x"), ADMINISTRATOR):
            self.model.gate, self.model.overridden = outcome, True
            self.model.extended = False

    @rule(by=people, outcome=outcomes)
    def propose(self, by: str, outcome: Any) -> None:
        if self.attempt(c.ProposeDecision(outcome, "x", "y"), by, outcome=outcome):
            self.model.place, self.model.proposer, self.model.outcome = "proposed", by, outcome

    @rule(by=people)
    def approve(self, by: str) -> None:
        decision = self.state.decision.decision_id if self.state.decision else uuid4()
        if self.attempt(c.ApproveDecision(decision), by):
            introduced = self.model.outcome == "broad_introduction"
            self.model.place = "decided" if introduced else "over"

    @rule(by=people)
    def reject(self, by: str) -> None:
        decision = self.state.decision.decision_id if self.state.decision else uuid4()
        if self.attempt(c.RejectDecision(decision, "x"), by):
            self.model.place = "evaluation"

    @rule(size=st.integers(1, 6))
    def plan_waves(self, size: int) -> None:
        if self.attempt(c.PlanWaves(size, drop_prerequisites=True), ADMINISTRATOR):
            left = len(set(OTHERS) - self.model.ended_units - self.model.started)
            self.model.waves = {
                wave.number: self.units_of(wave.number) for wave in self.state.later_waves
            }
            assert len(self.model.planned) == -(-left // size)
            self.model.recorded = {
                (wave.number, prerequisite.kind)
                for wave in self.state.later_waves
                for prerequisite in wave.prerequisites
            }
            self.follow_waves_if_broad()

    def units_of(self, wave: int) -> set[str]:
        journeys = self.uow.rollouts.units[ROLLOUT_ID].values()
        return {journey.unit_id for journey in journeys if journey.wave == wave}

    @rule(
        wave=st.integers(1, 3),
        kind=st.sampled_from(["risk_assessment", "joint_consultation"]),
        reason=st.sampled_from([None, "Wrong number"]),
    )
    def record_prerequisite(self, wave: int, kind: Any, reason: str | None = None) -> None:
        command = c.RecordPrerequisite(wave, kind, "x", NOW.date(), reason)
        about: dict[str, Any] = {"wave": wave, "kind": kind, "corrects": bool(reason)}
        if self.attempt(command, ADMINISTRATOR, **about):
            self.model.recorded.add((wave, kind))
            self.follow_waves()

    @rule()
    def start_broad_introduction(self) -> None:
        if self.attempt(c.StartBroadIntroduction(), ADMINISTRATOR):
            self.model.place = "broad"
            self.follow_waves()

    @rule()
    def finish_running_waves(self) -> None:
        if self.model.place != "broad" or self.model.paused:
            return
        for wave in self.state.running_waves:
            self.end_wave(wave)
        self.uow.time += timedelta(days=70)
        self.run_(advance(ROLLOUT_ID, self.uow))
        self.follow_waves()

    def follow_waves(self) -> None:
        """No wave runs before its number, its prerequisites and the wave before it allow."""
        started = [w for w in self.state.later_waves if w.status not in ("planned", "stopped")]
        assert all(self.model.complete(wave.number) for wave in started)
        assert sum(wave.status == "running" for wave in started) <= 1
        for wave in started:
            self.model.started_waves.add(wave.number)
            self.model.started |= self.units_of(wave.number)
            assert all(wave.number < planned for planned in self.model.planned)
        if self.state.status == "completed":
            assert not self.model.planned
            self.model.place = "over"

    def follow_pilot(self) -> None:
        """The pilot is over when all its units are, however they ended; without results the gate
        is inconclusive."""
        over = set(PILOTS) <= self.model.ended_units and not self.model.paused
        if self.model.place == "pilot" and over:
            self.model.place, self.model.gate = "evaluation", "inconclusive"
            self.evaluated = "inconclusive"

    @rule(unit=units)
    def pause_unit(self, unit: str) -> None:
        if self.attempt(c.PauseUnit(unit, "x"), ADMINISTRATOR, unit=unit):
            self.model.paused_units.add(unit)
            self.follow_waves_if_broad()

    @rule(unit=units)
    def resume_unit(self, unit: str) -> None:
        if self.attempt(c.ResumeUnit(unit, "x"), ADMINISTRATOR, unit=unit):
            self.model.paused_units.discard(unit)

    @rule(unit=units)
    def pause_resume_and_pause_again(self, unit: str) -> None:
        self.pause_unit(unit)
        self.resume_unit(unit)
        self.pause_unit(unit)

    @rule(unit=units)
    def stop_unit(self, unit: str) -> None:
        if self.attempt(c.StopUnit(unit, "x"), ADMINISTRATOR, unit=unit):
            self.model.paused_units.discard(unit)
            self.model.ended_units.add(unit)
            self.follow_pilot()
            self.follow_waves_if_broad()

    def follow_waves_if_broad(self) -> None:
        if self.model.place == "broad":
            self.follow_waves()

    @rule()
    def pause(self) -> None:
        if self.attempt(c.Pause("x"), ADMINISTRATOR):
            self.model.paused = True

    @rule()
    def resume(self) -> None:
        if self.attempt(c.Resume("x"), ADMINISTRATOR):
            self.model.paused = False
            self.follow_pilot()
            self.time_passes(0)
            self.follow_waves()

    @rule(really=st.integers(0, 9))
    def stop(self, really: int) -> None:
        if really == 0 and self.attempt(c.Stop("x"), ADMINISTRATOR):
            self.model.place = "over"

    @invariant()
    def the_list_of_actions_agrees(self) -> None:
        statuses = self.run_(self.uow.rollouts.progress_of_all(ROLLOUT_ID)).statuses
        for view in allowed_actions(self.state, statuses, SECOND, COMMANDS):
            if view.action not in about_one:
                expected = self.model.may(view.action, SECOND)
                assert view.allowed is expected, view

    @invariant()
    def versions_and_history_agree(self) -> None:
        versions = [known.version for known in self.uow.rollouts.history[ROLLOUT_ID]]
        assert versions == list(range(1, self.state.version + 1))

    @invariant()
    def nobody_is_under_way_before_the_wave(self) -> None:
        if self.state.ended:
            return
        running = {wave.number for wave in self.state.waves if wave.status != "planned"}
        for journey in self.uow.rollouts.units[ROLLOUT_ID].values():
            assert journey.status in ("waiting", "stopped") or journey.wave in running


RolloutMachine.TestCase.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, print_blob=True
)
test_illegal_transitions_are_impossible = RolloutMachine.TestCase
