"""A rollout step by step, without a store; and places along its way to begin from."""

from dataclasses import replace

import pytest

from unit.workflow.clock import NOW
from unit.workflow.rollout.samples import (
    ADMINISTRATOR,
    DECISION_ID,
    HEADCOUNTS,
    PILOTS,
    SECOND,
    TEMPLATE,
    good_evidence,
    new_journeys,
    new_rollout,
    released,
)
from workflow_service.domain.errors import DomainError
from workflow_service.domain.journey.journey import Journey
from workflow_service.domain.journey.progress import WaveProgress
from workflow_service.domain.rollout import commands as c
from workflow_service.domain.rollout.advance import next_step
from workflow_service.domain.rollout.commands import ActionView
from workflow_service.domain.rollout.transition import Events, Facts, Member, Needs, Step
from workflow_service.domain.rollout.waves import LEGAL_PREREQUISITES
from workflow_service.domain.template.template import Criterion, StepName

BROAD = c.ProposeDecision("broad_introduction", "It works.", "RV 2026-0142", DECISION_ID)


class Story:
    """A rollout and its journeys. Each transition is given the facts that it needs, and no more."""

    def __init__(self) -> None:
        self.state, self.journeys = new_rollout(), new_journeys()
        self.evidence = tuple(good_evidence(unit) for unit in PILOTS)
        self.template, self.now = TEMPLATE, NOW

    def start_pilot(self) -> "Story":
        """With what the law asks for on record."""
        return record(self, 0).do(c.StartPilot())

    def do(self, command: c.AnyCommand, by: str = ADMINISTRATOR) -> "Story":
        c.check(self.state, command, by)
        self._take(command, by)
        return self.settle()

    def settle(self) -> "Story":
        while step := next_step(self.state, self.now, self._progress(), self.template):
            self._take(step, "workflow")
        return self

    def decide(self, step: Step, by: str = ADMINISTRATOR) -> Events:
        return step.decide(self.state, self._facts(step.needs(self.state)), by, self.now)

    def _progress(self) -> dict[int, WaveProgress]:
        waves = self.state.running_waves
        return {
            wave: WaveProgress.of(j for j in self.journeys.values() if j.wave == wave)
            for wave in waves
        }

    def _facts(self, needs: Needs) -> Facts:
        def needed(journey: Journey) -> bool:
            of_wave = needs.wave is not None and journey.wave == needs.wave
            return needs.every_unit or of_wave or journey.unit_id in needs.unit_ids

        members = {
            unit_id: Member(journey, HEADCOUNTS[unit_id])
            for unit_id, journey in self.journeys.items()
            if needed(journey)
        }
        return Facts(self.template, members, self.evidence if needs.pilot_evidence else ())

    def _take(self, step: Step, by: str) -> None:
        members = dict(self._facts(step.needs(self.state)).members)
        for event in self.decide(step, by):
            self.state = event.evolve(self.state)
            changed, _ = event.effects(members)
            for journey in changed:
                self.journeys[journey.unit_id] = journey
                members[journey.unit_id] = Member(journey, HEADCOUNTS[journey.unit_id])
        self.state = self.state.accepted(step.action)

    def end_wave(self, wave: int) -> "Story":
        """Every active journey of the wave completes."""
        for unit, journey in self.journeys.items():
            if journey.wave == wave and journey.status == "active":
                self.journeys[unit] = replace(journey, step="after_care", status="completed")
        return self.settle()

    def reach(self, wave: int, step: StepName) -> "Story":
        for unit, journey in self.journeys.items():
            if journey.wave == wave and journey.status == "active":
                self.journeys[unit] = replace(journey, step=step)
        return self.settle()

    def why_not(self, action: str, by: str = ADMINISTRATOR) -> str | None:
        reason = next(view for view in self.actions(by) if view.action == action).why_not
        return reason.code if reason else None

    def actions(self, by: str = ADMINISTRATOR, *, may_act: bool = True) -> tuple[ActionView, ...]:
        statuses = WaveProgress.of(self.journeys.values()).statuses
        return c.allowed_actions(self.state, statuses, by, c.COMMANDS if may_act else ())


def unfinished(fail_below: float = 0) -> Story:
    """The pilot is evaluated by its modules, and no unit has completed both of them."""
    story = Story()
    by_modules = Criterion("modules", "modules_completed", 75, fail_below, dry_run=False)
    gate = replace(TEMPLATE.pilot_gate, criteria=(by_modules,))
    story.template = replace(TEMPLATE, pilot_gate=gate)
    begun = frozenset(TEMPLATE.steps.modules.module_ids[:1])
    story.evidence = tuple(replace(unit, modules_completed=begun) for unit in story.evidence)
    return story.start_pilot().end_wave(0)


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
    return story.start_pilot().end_wave(0)


def decided() -> Story:
    return evaluated().do(BROAD).do(c.ApproveDecision(DECISION_ID), SECOND)


def record(story: Story, wave: int) -> Story:
    for kind in LEGAL_PREREQUISITES:
        story.do(c.RecordPrerequisite(wave, kind, "RV 2026-0007", NOW.date()))
    return story


def refusal(story: Story, command: c.AnyCommand, by: str = ADMINISTRATOR) -> str:
    with pytest.raises(DomainError) as caught:
        story.do(command, by)
    return caught.value.code
