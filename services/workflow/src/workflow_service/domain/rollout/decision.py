"""The decision about the rollout: one person proposes it, another approves or rejects it."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid4

from workflow_service.domain.rollout.evaluation import gate_evaluated, in_evaluation, weighed_again
from workflow_service.domain.rollout.eyes import same_person
from workflow_service.domain.rollout.parameters import ReasonText, Reference
from workflow_service.domain.rollout.rollout import Decision, DecisionOutcome, Rollout
from workflow_service.domain.rollout.standstill import RolloutStopped
from workflow_service.domain.rollout.transition import (
    Command,
    Events,
    Facts,
    Needs,
    Reason,
    RolloutEvent,
)


@dataclass(frozen=True, slots=True)
class DecisionProposed(RolloutEvent):
    """A decision waits for a second person."""

    rollout_id: UUID
    decision_id: UUID
    outcome: DecisionOutcome
    diary_number: str
    reasons: str
    by: str
    at: datetime

    def evolve(self, state: Rollout) -> Rollout:
        earlier = (state.decision,) if state.decision else ()
        proposed = Decision(
            decision_id=self.decision_id,
            outcome=self.outcome,
            status="proposed",
            diary_number=self.diary_number,
            reasons=self.reasons,
            proposed_by=self.by,
            proposed_at=self.at,
        )
        past = (*state.past_decisions, *earlier)
        return replace(state, phase="decision", decision=proposed, past_decisions=past)


@dataclass(frozen=True, slots=True)
class DecisionApproved(RolloutEvent):
    """The decision holds."""

    rollout_id: UUID
    decision_id: UUID
    outcome: DecisionOutcome
    diary_number: str
    by: str
    at: datetime

    def evolve(self, state: Rollout) -> Rollout:
        assert state.decision
        approved = replace(
            state.decision, status="approved", settled_by=self.by, settled_at=self.at
        )
        return replace(state, decision=approved)


@dataclass(frozen=True, slots=True)
class DecisionRejected(RolloutEvent):
    """The proposal was rejected."""

    rollout_id: UUID
    decision_id: UUID
    reason: str
    by: str
    at: datetime

    def evolve(self, state: Rollout) -> Rollout:
        assert state.decision
        rejected = replace(
            state.decision,
            status="rejected",
            settled_by=self.by,
            settled_at=self.at,
            rejection=self.reason,
        )
        return replace(state, phase="evaluation", decision=rejected)


@dataclass(frozen=True, slots=True)
class ProposeDecision(Command):
    """Propose a decision. Another administrator must approve it."""

    outcome: DecisionOutcome = field(
        metadata={
            "description": "Approved, `stop` and `adjusted_pilot` end the rollout. The adjusted"
            " pilot is a new rollout, with new rounds and a new gate."
        }
    )
    reasons: ReasonText
    diary_number: Reference = field(metadata={"examples": ["RV 2026-0142"]})
    decision_id: UUID = field(default_factory=uuid4)
    action: Literal["propose_decision"] = "propose_decision"

    @classmethod
    def why_not(cls, state: Rollout, by: str) -> Reason | None:
        if state.phase == "decision" and state.decision:
            if state.decision.status == "proposed":
                return Reason(
                    "decision-pending", "A decision is proposed. Approve or reject it first."
                )
            return Reason("decision-made", "The decision is made.")
        return in_evaluation(state) or gate_evaluated(state) or cls._undecidable(state)

    @staticmethod
    def _undecidable(state: Rollout) -> Reason | None:
        if state.gate and state.gate.outcome == "inconclusive":
            return Reason(
                "gate-inconclusive",
                "The gate is inconclusive. Extend the pilot, evaluate again, or override the gate"
                " with a reason.",
            )
        if state.evaluate_again_at:
            when = state.evaluate_again_at.isoformat(timespec="seconds")
            return Reason(
                "pilot-extended", f"The pilot is extended; the gate is evaluated again {when}."
            )
        return None

    def why_not_this(self, state: Rollout) -> Reason | None:
        wide = self.outcome == "broad_introduction"
        if wide and state.gate and state.gate.outcome == "fail":
            return Reason(
                "gate-failed",
                "The gate failed: an adjusted pilot or a stop may be proposed, not a wide"
                " introduction.",
            )
        return None

    def decide(self, state: Rollout, facts: Facts, by: str, now: datetime) -> Events:
        return (
            DecisionProposed(
                rollout_id=state.rollout_id,
                decision_id=self.decision_id,
                outcome=self.outcome,
                diary_number=self.diary_number,
                reasons=self.reasons,
                by=by,
                at=now,
            ),
        )


def _pending(state: Rollout) -> Reason | None:
    if state.decision and state.decision.status == "proposed":
        return None
    return Reason("no-decision-pending", "No decision is proposed.")


def _other_decision(state: Rollout, decision_id: UUID) -> Reason | None:
    if state.decision and state.decision.decision_id != decision_id:
        detail = f"The proposed decision is {state.decision.decision_id}, not {decision_id}."
        return Reason("other-decision", detail)
    return None


@dataclass(frozen=True, slots=True)
class ApproveDecision(Command):
    """Approve a decision that another administrator proposed."""

    decision_id: UUID
    action: Literal["approve_decision"] = "approve_decision"

    @classmethod
    def why_not(cls, state: Rollout, by: str) -> Reason | None:
        if reason := _pending(state):
            return reason
        if state.decision and same_person(state.decision.proposed_by, by):
            detail = (
                "You proposed this decision, or whom you stand in for did; somebody else must"
                " approve it."
            )
            return Reason("four-eyes", detail)
        return None

    def why_not_this(self, state: Rollout) -> Reason | None:
        return _other_decision(state, self.decision_id)

    def needs(self, state: Rollout) -> Needs:
        return Needs(every_unit=self._ends_rollout(state))

    def decide(self, state: Rollout, facts: Facts, by: str, now: datetime) -> Events:
        decision = state.decision
        assert decision
        approved = DecisionApproved(
            rollout_id=state.rollout_id,
            decision_id=decision.decision_id,
            outcome=decision.outcome,
            diary_number=decision.diary_number,
            by=by,
            at=now,
        )
        if self._ends_rollout(state):
            return (approved, RolloutStopped(state.rollout_id))
        return (approved,)

    @staticmethod
    def _ends_rollout(state: Rollout) -> bool:
        """An adjusted pilot is a rollout of its own: a unit has one round per occasion in each."""
        return state.decision is not None and state.decision.outcome != "broad_introduction"


@dataclass(frozen=True, slots=True)
class RejectDecision(Command):
    """Reject a proposed decision. Any rejection stops it, and the pilot is weighed again: its
    evidence may have been corrected since."""

    decision_id: UUID
    reason: ReasonText
    action: Literal["reject_decision"] = "reject_decision"

    @classmethod
    def why_not(cls, state: Rollout, by: str) -> Reason | None:
        return _pending(state)

    def why_not_this(self, state: Rollout) -> Reason | None:
        return _other_decision(state, self.decision_id)

    def needs(self, state: Rollout) -> Needs:
        return Needs(pilot_evidence=True)

    def decide(self, state: Rollout, facts: Facts, by: str, now: datetime) -> Events:
        rejected = DecisionRejected(state.rollout_id, self.decision_id, self.reason, by, now)
        return (rejected, *weighed_again(state, facts, now))
