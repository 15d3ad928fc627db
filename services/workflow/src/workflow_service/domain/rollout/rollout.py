"""The rollout: one programme from preparation to after-care. State changes only by `evolve`, from
events that the rules (rollout_rules) let happen; `version` counts accepted transitions."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, assert_never
from uuid import UUID

from workflow_service.domain.rollout import events as e
from workflow_service.domain.rollout.gate import EvaluatedGate
from workflow_service.domain.rollout.waves import PILOT_WAVE, Wave

Phase = Literal[
    "preparation", "pilot", "evaluation", "decision", "broad_introduction", "after_care"
]
Status = Literal["active", "paused", "completed", "stopped"]
_REMEMBERED = 20


@dataclass(frozen=True, slots=True)
class Decision:
    """What is decided about the rollout. The proposer does not approve it."""

    decision_id: UUID
    outcome: e.DecisionOutcome
    status: Literal["proposed", "approved", "rejected"]
    diary_number: str
    reasons: str
    proposed_by: str
    proposed_at: datetime
    settled_by: str | None = None
    settled_at: datetime | None = None
    rejection: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """An accepted transition, as far as a second administrator needs to see it."""

    version: int
    action: str


@dataclass(frozen=True, slots=True)
class Rollout:
    """A rollout. Units are not listed here: their journeys name them."""

    rollout_id: UUID
    name: str
    template_id: str
    template_version: int
    phase: Phase
    status: Status
    version: int
    waves: tuple[Wave, ...]
    gate: EvaluatedGate | None = None
    evaluate_again_at: datetime | None = None
    decision: Decision | None = None
    past_decisions: tuple[Decision, ...] = ()
    paused_units: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()

    @property
    def ended(self) -> bool:
        return self.status in ("completed", "stopped")

    def wave(self, number: int) -> Wave | None:
        return next((wave for wave in self.waves if wave.number == number), None)

    @property
    def later_waves(self) -> tuple[Wave, ...]:
        """The waves of the wide introduction, in order."""
        return tuple(wave for wave in self.waves if wave.number != PILOT_WAVE)

    @property
    def running_waves(self) -> tuple[int, ...]:
        return tuple(wave.number for wave in self.waves if wave.runs)

    def accepted(self, action: str) -> "Rollout":
        """One version on."""
        version = self.version + 1
        changes = (*self.changes, Change(version, action))[-_REMEMBERED:]
        return replace(self, version=version, changes=changes)


def create(rollout_id: UUID, name: str, template_id: str, template_version: int) -> Rollout:
    """A rollout of which nothing runs yet."""
    pilot = Wave(PILOT_WAVE, "planned", None)
    return Rollout(
        rollout_id=rollout_id,
        name=name,
        template_id=template_id,
        template_version=template_version,
        phase="preparation",
        status="active",
        version=1,
        waves=(pilot,),
        changes=(Change(1, "create"),),
    )


def evolve(state: Rollout, event: e.RolloutEvent) -> Rollout:
    """The state after the event. Total: an event that happened is never refused."""
    match event:
        case e.WaveStarted() | e.WaveVerified() | e.WaveCompleted() | e.WavesPlanned():
            return _evolve_waves(state, event)
        case e.PrerequisiteRecorded() | e.BroadIntroductionStarted() | e.RolloutCompleted():
            return _evolve_introduction(state, event)
        case e.PilotStarted() | e.PilotExtended() | e.EvaluationStarted():
            return _evolve_pilot(state, event)
        case e.GateEvaluated() | e.GateOverridden():
            return _evolve_gate(state, event)
        case e.DecisionProposed() | e.DecisionApproved() | e.DecisionRejected():
            return _evolve_decision(state, event)
        case e.UnitPaused():
            return replace(state, paused_units=(*state.paused_units, event.unit_id))
        case e.UnitResumed() | e.UnitStopped():
            units = tuple(u for u in state.paused_units if u != event.unit_id)
            return replace(state, paused_units=units)
        case e.RolloutPaused():
            return replace(state, status="paused")
        case e.RolloutResumed():
            return replace(state, status="active")
        case e.RolloutStopped():
            return _stopped(state)
        case _:
            assert_never(event)


def _evolve_pilot(
    state: Rollout, event: e.PilotStarted | e.PilotExtended | e.EvaluationStarted
) -> Rollout:
    match event:
        case e.PilotStarted():
            return replace(state, phase="pilot")
        case e.PilotExtended():
            return replace(state, evaluate_again_at=event.evaluate_again_at)
        case e.EvaluationStarted():
            return replace(state, phase="evaluation")


def _evolve_gate(state: Rollout, event: e.GateEvaluated | e.GateOverridden) -> Rollout:
    match event:
        case e.GateEvaluated():
            return replace(state, gate=event.gate, evaluate_again_at=None)
        case e.GateOverridden():
            assert state.gate
            gate = replace(state.gate, override=event.override)
            return replace(state, gate=gate, evaluate_again_at=None)


def _evolve_decision(
    state: Rollout, event: e.DecisionProposed | e.DecisionApproved | e.DecisionRejected
) -> Rollout:
    match event:
        case e.DecisionProposed():
            earlier = (state.decision,) if state.decision else ()
            proposed = Decision(
                decision_id=event.decision_id,
                outcome=event.outcome,
                status="proposed",
                diary_number=event.diary_number,
                reasons=event.reasons,
                proposed_by=event.by,
                proposed_at=event.at,
            )
            return replace(
                state,
                phase="decision",
                decision=proposed,
                past_decisions=(*state.past_decisions, *earlier),
            )
        case e.DecisionApproved():
            assert state.decision
            decision = replace(
                state.decision, status="approved", settled_by=event.by, settled_at=event.at
            )
            return replace(state, decision=decision)
        case e.DecisionRejected():
            assert state.decision
            decision = replace(
                state.decision,
                status="rejected",
                settled_by=event.by,
                settled_at=event.at,
                rejection=event.reason,
            )
            return replace(state, phase="evaluation", decision=decision)


def _evolve_waves(
    state: Rollout, event: e.WaveStarted | e.WaveVerified | e.WaveCompleted | e.WavesPlanned
) -> Rollout:
    match event:
        case e.WavesPlanned():
            # Prerequisites belong to a wave's very units: a new plan asks for them anew.
            planned = tuple(Wave(w.number, "planned", w.planned_start) for w in event.waves)
            pilot = tuple(wave for wave in state.waves if wave.number == PILOT_WAVE)
            return replace(state, waves=(*pilot, *planned))
        case e.WaveStarted():
            return _with_wave(state, event.wave, status="running")
        case e.WaveVerified():
            return _with_wave(state, event.wave, status="verified")
        case e.WaveCompleted():
            return _with_wave(state, event.wave, status="completed")


def _evolve_introduction(
    state: Rollout,
    event: e.PrerequisiteRecorded | e.BroadIntroductionStarted | e.RolloutCompleted,
) -> Rollout:
    match event:
        case e.PrerequisiteRecorded():
            wave = state.wave(event.wave)
            assert wave
            return _with_wave(
                state, event.wave, prerequisites=(*wave.prerequisites, event.prerequisite)
            )
        case e.BroadIntroductionStarted():
            return replace(state, phase="broad_introduction")
        case e.RolloutCompleted():
            return replace(state, phase="after_care", status="completed")


def _with_wave(state: Rollout, number: int, **changes: object) -> Rollout:
    waves = (replace(w, **changes) if w.number == number else w for w in state.waves)  # type: ignore[arg-type]
    return replace(state, waves=tuple(waves))


def _stopped(state: Rollout) -> Rollout:
    waves = tuple(
        wave if wave.status == "completed" else replace(wave, status="stopped")
        for wave in state.waves
    )
    return replace(state, status="stopped", waves=waves)
