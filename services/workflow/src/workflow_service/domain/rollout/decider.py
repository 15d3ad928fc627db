"""The rollout's decider: from state, command and facts to events, or a refusal.

`decide` answers people, `next_step` time and evidence. Both run in the transaction that stores
what they say, on the rollout's locked row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from workflow_service.domain.errors import DomainError
from workflow_service.domain.journey.journey import Journey, nameable
from workflow_service.domain.journey.turn import verified
from workflow_service.domain.rollout import commands as c
from workflow_service.domain.rollout import events as e
from workflow_service.domain.rollout import gate
from workflow_service.domain.rollout.rollout import Rollout
from workflow_service.domain.rollout.rules import check, why_wave_waits
from workflow_service.domain.rollout.waves import PILOT_WAVE, Prerequisite, Wave, plan_waves
from workflow_service.domain.template.template import RolloutTemplate


@dataclass(frozen=True, slots=True)
class Facts:
    """What is stored around a rollout: every unit's journey and headcount, the pilot's evidence."""

    template: RolloutTemplate
    journeys: Mapping[str, Journey]
    headcounts: Mapping[str, int]
    pilot: Sequence[gate.UnitEvidence]

    def in_wave(self, wave: int) -> list[Journey]:
        """The wave's journeys, by unit id."""
        return [journey for _, journey in sorted(self.journeys.items()) if journey.wave == wave]


Events = tuple[e.RolloutEvent, ...]


def decide(state: Rollout, command: c.Command, by: str, now: datetime, facts: Facts) -> Events:
    """What the command makes happen. Raises DomainError if it is not possible now."""
    check(state, command, by)
    rollout_id = state.rollout_id
    match command:
        case c.StartPilot():
            pilot = tuple(j.unit_id for j in facts.in_wave(PILOT_WAVE) if not j.ended)
            return (e.PilotStarted(rollout_id, pilot), e.WaveStarted(rollout_id, PILOT_WAVE, now))
        case c.ExtendPilot() | c.EvaluateGate() | c.OverrideGate():
            return _decide_gate(state, command, by, now, facts)
        case c.ProposeDecision() | c.ApproveDecision() | c.RejectDecision():
            return _decide_decision(state, command, by, now)
        case c.PlanWaves() | c.RecordPrerequisite() | c.StartBroadIntroduction():
            return _decide_introduction(state, command, by, now, facts)
        case c.PauseUnit():
            journey = _journey(facts, command.unit_id).paused(command.reason)
            return (e.UnitPaused(rollout_id, journey.unit_id, journey.wave or 0, command.reason),)
        case c.ResumeUnit():
            journey = _journey(facts, command.unit_id).resumed()
            return (e.UnitResumed(rollout_id, journey.unit_id, journey.wave or 0),)
        case c.StopUnit():
            journey = _journey(facts, command.unit_id).stopped()
            return (e.UnitStopped(rollout_id, journey.unit_id, journey.wave),)
        case c.Pause():
            return (e.RolloutPaused(rollout_id),)
        case c.Resume():
            return (e.RolloutResumed(rollout_id),)
        case c.Stop():
            return (e.RolloutStopped(rollout_id),)


def _journey(facts: Facts, unit_id: str) -> Journey:
    journey = facts.journeys.get(unit_id)
    if journey is None:
        detail = f"{unit_id[:70]!r} is not a unit of this rollout."
        raise DomainError("unit-not-in-rollout", "conflict", detail)
    return journey


def _decide_gate(
    state: Rollout,
    command: c.ExtendPilot | c.EvaluateGate | c.OverrideGate,
    by: str,
    now: datetime,
    facts: Facts,
) -> Events:
    match command:
        case c.ExtendPilot():
            return (e.PilotExtended(state.rollout_id, command.duration.after(now)),)
        case c.EvaluateGate():
            return (_evaluated(state.rollout_id, now, facts),)
        case c.OverrideGate():
            override = gate.Override(command.outcome, by, command.reason, now)
            name = facts.template.pilot_gate.name
            return (e.GateOverridden(state.rollout_id, name, override),)


def _evaluated(rollout_id: UUID, now: datetime, facts: Facts) -> e.GateEvaluated:
    modules = facts.template.steps.modules.module_ids
    evaluated = gate.evaluate(facts.template.pilot_gate, facts.pilot, modules, now)
    return e.GateEvaluated(rollout_id, evaluated)


def _decide_decision(
    state: Rollout,
    command: c.ProposeDecision | c.ApproveDecision | c.RejectDecision,
    by: str,
    now: datetime,
) -> Events:
    match command:
        case c.ProposeDecision():
            return (
                e.DecisionProposed(
                    rollout_id=state.rollout_id,
                    decision_id=command.decision_id,
                    outcome=command.outcome,
                    diary_number=command.diary_number,
                    reasons=command.reasons,
                    by=by,
                    at=now,
                ),
            )
        case c.ApproveDecision():
            decision = state.decision
            assert decision
            approved = e.DecisionApproved(
                *(state.rollout_id, decision.decision_id, decision.outcome),
                *(decision.diary_number, by, now),
            )
            if decision.outcome == "broad_introduction":
                return (approved,)
            # An adjusted pilot is a rollout of its own: a unit has one round per occasion in each.
            return (approved, e.RolloutStopped(state.rollout_id))
        case c.RejectDecision():
            return (
                e.DecisionRejected(state.rollout_id, command.decision_id, command.reason, by, now),
            )


def _decide_introduction(
    state: Rollout,
    command: c.PlanWaves | c.RecordPrerequisite | c.StartBroadIntroduction,
    by: str,
    now: datetime,
    facts: Facts,
) -> Events:
    match command:
        case c.PlanWaves():
            return (_planned(state.rollout_id, command.wave_size, now, facts),)
        case c.RecordPrerequisite():
            prerequisite = _prerequisite(command, by, now)
            return (e.PrerequisiteRecorded(state.rollout_id, command.wave, prerequisite),)
        case c.StartBroadIntroduction():
            waves = len(state.later_waves)
            return (e.BroadIntroductionStarted(state.rollout_id, waves),)


def _planned(rollout_id: UUID, size: int | None, now: datetime, facts: Facts) -> e.WavesPlanned:
    left = {
        unit_id: facts.headcounts[unit_id]
        for unit_id, journey in facts.journeys.items()
        if journey.wave != PILOT_WAVE and not journey.ended
    }
    rule = facts.template.waves
    waves = plan_waves(left, size or rule.size, rule.order, rule.gap, now)
    named = frozenset(unit_id for unit_id, people in left.items() if nameable(people))
    return e.WavesPlanned(rollout_id, waves, named)


def _prerequisite(command: c.RecordPrerequisite, by: str, now: datetime) -> Prerequisite:
    if command.recorded_on > now.date():
        detail = f"{command.recorded_on} is in the future."
        errors = [{"pointer": "/body/recorded_on", "detail": detail}]
        raise DomainError("recorded-in-future", "invalid", detail, errors)
    return Prerequisite(command.kind, command.reference, command.recorded_on, by)


def next_step(state: Rollout, now: datetime, facts: Facts) -> tuple[c.Step, Events] | None:
    """What time and evidence make happen next, if anything. Ask again until there is nothing."""
    if state.status != "active":
        return None
    rollout_id = state.rollout_id
    match state.phase:
        case "pilot":
            if all(journey.ended for journey in facts.in_wave(PILOT_WAVE)):
                return c.CompletePilot(), (
                    e.WaveCompleted(rollout_id, PILOT_WAVE),
                    e.EvaluationStarted(rollout_id),
                    _evaluated(rollout_id, now, facts),
                )
        case "evaluation":
            if state.evaluate_again_at and state.evaluate_again_at <= now:
                return c.EvaluateAgain(), (_evaluated(rollout_id, now, facts),)
        case "broad_introduction":
            return _next_of_waves(state, now, facts)
        case _:
            pass
    return None


def _next_of_waves(state: Rollout, now: datetime, facts: Facts) -> tuple[c.Step, Events] | None:
    rollout_id = state.rollout_id
    for wave in state.later_waves:
        journeys = facts.in_wave(wave.number)
        if wave.runs and all(journey.ended for journey in journeys):
            return c.CompleteWave(wave.number), (e.WaveCompleted(rollout_id, wave.number),)
        if wave.status == "running" and verified(journeys, facts.template):
            return c.VerifyWave(wave.number), (e.WaveVerified(rollout_id, wave.number),)
    startable = _startable(state)
    if startable and startable.planned_start and startable.planned_start <= now:
        return c.StartWave(startable.number), (e.WaveStarted(rollout_id, startable.number, now),)
    if all(wave.status == "completed" for wave in state.later_waves):
        return c.Complete(), (e.RolloutCompleted(rollout_id),)
    return None


def _startable(state: Rollout) -> Wave | None:
    """The next wave, if the one before it is verified and the law's prerequisites are there."""
    for wave in state.later_waves:
        if wave.status == "planned":
            return None if why_wave_waits(wave) else wave
        if wave.status == "running":
            return None
    return None


def next_due(state: Rollout) -> datetime | None:
    """When time alone makes something happen next."""
    if state.status != "active":
        return None
    if state.phase == "evaluation":
        return state.evaluate_again_at
    startable = _startable(state) if state.phase == "broad_introduction" else None
    return startable.planned_start if startable else None


def waves_to_nudge(state: Rollout, events: Sequence[e.RolloutEvent]) -> tuple[int, ...]:
    """The waves whose workflow must look again after these events. `state` is the new one."""
    waves: set[int] = set()
    for event in events:
        match event:
            case e.WaveStarted() | e.UnitPaused() | e.UnitResumed():
                waves.add(event.wave)
            case e.UnitStopped():
                waves.update(wave for wave in state.running_waves if wave == event.wave)
            case e.RolloutPaused() | e.RolloutResumed():
                waves.update(state.running_waves)
            case e.RolloutStopped():
                waves.update(wave.number for wave in state.waves if wave.status == "stopped")
            case _:
                pass
    return tuple(sorted(waves))
