"""The pilot's evaluation: the gate is evaluated, again after more time, or set by a person."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from workflow_service.domain.duration import Duration
from workflow_service.domain.rollout.gate import EvaluatedGate, Override, evaluate
from workflow_service.domain.rollout.parameters import ReasonText
from workflow_service.domain.rollout.rollout import Rollout
from workflow_service.domain.rollout.transition import (
    Command,
    Events,
    Facts,
    Needs,
    Reason,
    RolloutEvent,
    Step,
)

# Only to compare durations: months have a length once they have a start.
_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_LONGEST_EXTENSION = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class PilotExtended(RolloutEvent):
    """The gate is evaluated again at this time."""

    rollout_id: UUID
    evaluate_again_at: datetime

    def evolve(self, state: Rollout) -> Rollout:
        return replace(state, evaluate_again_at=self.evaluate_again_at)


@dataclass(frozen=True, slots=True)
class GateEvaluated(RolloutEvent):
    """The evidence was weighed."""

    rollout_id: UUID
    gate: EvaluatedGate

    def evolve(self, state: Rollout) -> Rollout:
        """An evaluation that is promised for later is not this one."""
        promised = state.evaluate_again_at
        still = promised if promised and promised > self.gate.evaluated_at else None
        return replace(state, gate=self.gate, evaluate_again_at=still)


@dataclass(frozen=True, slots=True)
class GateOverridden(RolloutEvent):
    """A person set the gate's outcome."""

    rollout_id: UUID
    gate: str
    override: Override

    def evolve(self, state: Rollout) -> Rollout:
        assert state.gate
        overridden = replace(state.gate, override=self.override)
        return replace(state, gate=overridden, evaluate_again_at=None)


def evaluated(rollout_id: UUID, facts: Facts, now: datetime) -> GateEvaluated:
    """The gate, weighed by the pilot's evidence."""
    template = facts.template
    modules = template.steps.modules.module_ids
    return GateEvaluated(rollout_id, evaluate(template.pilot_gate, facts.pilot, modules, now))


def weighed_again(state: Rollout, facts: Facts, now: datetime) -> tuple[GateEvaluated, ...]:
    """The gate anew; none if there was none, or a person has set its outcome."""
    if state.gate is None or state.gate.override:
        return ()
    return (evaluated(state.rollout_id, facts, now),)


def in_evaluation(state: Rollout) -> Reason | None:
    """Why not, if the pilot is not being evaluated."""
    if state.phase == "evaluation":
        return None
    return Reason(
        "not-in-evaluation",
        f"The rollout is in phase {state.phase}; this belongs to the evaluation of the pilot.",
    )


def gate_evaluated(state: Rollout) -> Reason | None:
    """Why not, if there is no evaluated gate."""
    if state.gate:
        return None
    return Reason("gate-not-evaluated", "The pilot's gate has not been evaluated. Evaluate it.")


def _not_overridden(state: Rollout) -> Reason | None:
    if state.gate and state.gate.override:
        return Reason(
            "gate-overridden", "The gate's outcome was set by a person. Propose a decision."
        )
    return None


@dataclass(frozen=True, slots=True)
class ExtendPilot(Command):
    """Give the pilot units time to complete their modules; then the gate is evaluated again.

    More time changes nothing else: results are released once, and meetings, actions and check-backs
    were there before the journeys ended.
    """

    duration: Duration
    reason: ReasonText
    action: Literal["extend_pilot"] = "extend_pilot"

    @classmethod
    def why_not(cls, state: Rollout, by: str) -> Reason | None:
        reason = in_evaluation(state) or _not_overridden(state)
        if reason or not state.gate:
            return reason
        if state.gate.outcome == "pass":
            return Reason("gate-passed", "The gate is passed.")
        if not state.gate.can_change:
            return Reason(
                "extension-changes-nothing",
                "More time does not change the gate's outcome: it rests on released results, or no"
                " unit is left in the pilot. Override it with a reason, or propose a decision.",
            )
        return None

    def why_not_this(self, state: Rollout) -> Reason | None:
        if self.duration.after(_ANY_DAY) - _ANY_DAY > _LONGEST_EXTENSION:
            return Reason("extension-too-long", "A pilot is extended by a year at most at a time.")
        return None

    def decide(self, state: Rollout, facts: Facts, by: str, now: datetime) -> Events:
        return (PilotExtended(state.rollout_id, self.duration.after(now)),)


@dataclass(frozen=True, slots=True)
class EvaluateGate(Command):
    """Evaluate the gate again, now."""

    action: Literal["evaluate_gate"] = "evaluate_gate"

    @classmethod
    def why_not(cls, state: Rollout, by: str) -> Reason | None:
        return in_evaluation(state) or _not_overridden(state)

    def needs(self, state: Rollout) -> Needs:
        return Needs(pilot_evidence=True)

    def decide(self, state: Rollout, facts: Facts, by: str, now: datetime) -> Events:
        return (evaluated(state.rollout_id, facts, now),)


@dataclass(frozen=True, slots=True)
class EvaluateAgain(Step):
    """The time of an extended pilot is over, or its evidence was corrected."""

    action: Literal["evaluate_again"] = "evaluate_again"

    def needs(self, state: Rollout) -> Needs:
        return Needs(pilot_evidence=True)

    def decide(self, state: Rollout, facts: Facts, by: str, now: datetime) -> Events:
        return (evaluated(state.rollout_id, facts, now),)


@dataclass(frozen=True, slots=True)
class OverrideGate(Command):
    """Set the gate's outcome. The reason is shown beside the gate from then on."""

    outcome: Literal["pass", "fail"]
    reason: ReasonText
    action: Literal["override_gate"] = "override_gate"

    @classmethod
    def why_not(cls, state: Rollout, by: str) -> Reason | None:
        return in_evaluation(state) or gate_evaluated(state) or _not_overridden(state)

    def decide(self, state: Rollout, facts: Facts, by: str, now: datetime) -> Events:
        override = Override(self.outcome, by, self.reason, now)
        return (GateOverridden(state.rollout_id, facts.template.pilot_gate.name, override),)
