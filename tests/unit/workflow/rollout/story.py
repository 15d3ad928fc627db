"""A rollout told step by step, without a store; and places along its way to begin from."""

from dataclasses import replace

import pytest

from unit.workflow.rollout.samples import (
    ADMINISTRATOR,
    DECISION_ID,
    NOW,
    PILOTS,
    SECOND,
    TEMPLATE,
    facts,
    good_evidence,
    new_journeys,
    new_rollout,
    released,
)
from workflow_service.domain.errors import DomainError
from workflow_service.domain.rollout import commands as c
from workflow_service.domain.rollout import events as e
from workflow_service.domain.rollout.decider import decide, next_step
from workflow_service.domain.rollout.effects import effects
from workflow_service.domain.rollout.rollout import evolve
from workflow_service.domain.rollout.rules import allowed_actions
from workflow_service.domain.template.template import Criterion

BROAD = c.ProposeDecision(DECISION_ID, "broad_introduction", "It works.", "RV 2026-0142")


class Story:
    """A rollout told step by step, without a store."""

    def __init__(self) -> None:
        self.state, self.journeys = new_rollout(), new_journeys()
        self.evidence = tuple(good_evidence(unit) for unit in PILOTS)
        self.template, self.now = TEMPLATE, NOW

    def do(self, command: c.Command, by: str = ADMINISTRATOR) -> "Story":
        events = decide(self.state, command, by, self.now, self._facts())
        self._take(events, command.action)
        return self.settle()

    def settle(self) -> "Story":
        while due := next_step(self.state, self.now, self._facts()):
            self._take(due[1], due[0].action)
        return self

    def _facts(self):  # type: ignore[no-untyped-def]
        return replace(facts(self.journeys, self.evidence), template=self.template)

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


def unfinished() -> Story:
    """The pilot is evaluated by its modules, and no unit has completed both of them."""
    story = Story()
    by_modules = Criterion("modules", "modules_completed", 75, 0, dry_run=False)
    gate = replace(TEMPLATE.pilot_gate, criteria=(by_modules,))
    story.template = replace(TEMPLATE, pilot_gate=gate)
    begun = frozenset(TEMPLATE.steps.modules.module_ids[:1])
    story.evidence = tuple(replace(unit, modules_completed=begun) for unit in story.evidence)
    return story.do(c.StartPilot()).end_wave(0)


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
