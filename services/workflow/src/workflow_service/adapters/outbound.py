"""Domain events to contract events: what the other services and the region's other systems receive.

Every domain event has its line here; a test fails for one that has none. Names of units below the
privacy floor, reasons and subjects stay inside.
"""

from collections.abc import Callable, Sequence
from typing import Any

from contracts import Event
from contracts import workflow as w
from workflow_service.domain.calendar import civil_date
from workflow_service.domain.journey import journey as j
from workflow_service.domain.organisation import unit as u
from workflow_service.domain.rollout import (
    decision,
    evaluation,
    introduction,
    pilot,
    rollout,
    standstill,
    wave_steps,
)

SOURCE = "/um-platform/workflow"


def translate(event: Any) -> Sequence[Event]:
    """The contract events for this domain event. Raises KeyError for an unknown one."""
    return _LINES[type(event)](event)


def _unit_registered(event: u.UnitRegistered) -> list[Event]:
    return [w.UnitRegistered(**_facts(event))]


def _unit_changed(event: u.UnitChanged) -> list[Event]:
    end = {"dissolved_on": event.dissolved_on, "successor_id": event.successor_id}
    return [w.UnitChanged(**_facts(event), **end)]


def _facts(event: u.UnitEvent) -> dict[str, Any]:
    facts = event.facts
    return {
        "unit_id": facts.unit_id,
        "parent_id": facts.parent_id,
        "name": facts.name,
        "kind": facts.kind,
        "headcount": facts.headcount,
        "version": event.version,
    }


def _created(event: rollout.RolloutCreated) -> list[Event]:
    return [
        w.RolloutCreated(
            rollout_id=event.rollout_id,
            name=event.name,
            template_id=event.template_id,
            template_version=event.template_version,
            unit_ids=event.unit_ids,
        )
    ]


def _pilot_started(event: pilot.PilotStarted) -> list[Event]:
    return [w.RolloutPilotStarted(rollout_id=event.rollout_id, unit_ids=event.unit_ids)]


def _pilot_extended(event: evaluation.PilotExtended) -> list[Event]:
    return [
        w.RolloutPilotExtended(
            rollout_id=event.rollout_id, evaluate_again_at=event.evaluate_again_at
        )
    ]


def _gate_evaluated(event: evaluation.GateEvaluated) -> list[Event]:
    criteria = tuple(
        w.CriterionOutcome(
            code=result.code,
            outcome=result.outcome,
            value=result.value,
            hidden=result.hidden,
            dry_run=result.dry_run,
        )
        for result in event.gate.criteria
    )
    return [
        w.RolloutGateEvaluated(
            rollout_id=event.rollout_id,
            gate=event.gate.name,
            outcome=event.gate.evaluated,
            criteria=criteria,
        )
    ]


def _gate_overridden(event: evaluation.GateOverridden) -> list[Event]:
    return [
        w.RolloutGateOverridden(
            rollout_id=event.rollout_id, gate=event.gate, outcome=event.override.outcome
        )
    ]


def _proposed(event: decision.DecisionProposed) -> list[Event]:
    return [
        w.RolloutDecisionProposed(
            rollout_id=event.rollout_id, decision_id=event.decision_id, outcome=event.outcome
        )
    ]


def _approved(event: decision.DecisionApproved) -> list[Event]:
    decision = {
        "rollout_id": event.rollout_id,
        "decision_id": event.decision_id,
        "outcome": event.outcome,
        "diary_number": event.diary_number,
    }
    return [
        w.RolloutDecisionApproved(**decision),
        w.ExternalDecisionPublished(**decision, decided_on=civil_date(event.at)),
    ]


def _waves_planned(event: introduction.WavesPlanned) -> list[Event]:
    timetable = tuple(
        w.TimetableWave(
            wave=wave.number,
            planned_start=wave.planned_start,
            unit_count=len(wave.unit_ids),
            unit_ids=tuple(unit for unit in wave.unit_ids if unit in event.nameable),
        )
        for wave in event.waves
    )
    planned = (
        w.WavePlanned(
            rollout_id=event.rollout_id,
            wave=wave.number,
            unit_ids=wave.unit_ids,
            planned_start=wave.planned_start,
        )
        for wave in event.waves
    )
    return [
        *planned,
        w.ExternalTimetablePublished(rollout_id=event.rollout_id, waves=timetable),
    ]


def _rescheduled(event: wave_steps.WavesRescheduled) -> list[Event]:
    starts = [
        {"rollout_id": event.rollout_id, "wave": wave, "planned_start": planned_start}
        for wave, planned_start in event.starts
    ]
    return [
        contract(**start)
        for start in starts
        for contract in (w.WaveRescheduled, w.ExternalWaveRescheduled)
    ]


def _prerequisite(event: introduction.PrerequisiteRecorded) -> list[Event]:
    return [
        w.WavePrerequisiteRecorded(
            rollout_id=event.rollout_id,
            wave=event.wave,
            kind=event.prerequisite.kind,
            recorded_on=event.prerequisite.recorded_on,
        )
    ]


def _wave(*contracts: type[Any]) -> Callable[[Any], list[Event]]:
    return lambda event: [
        contract(rollout_id=event.rollout_id, wave=event.wave) for contract in contracts
    ]


def _rollout(contract: type[Any]) -> Callable[[Any], list[Event]]:
    return lambda event: [contract(rollout_id=event.rollout_id)]


def _journey(contract: type[Any]) -> Callable[[Any], list[Event]]:
    return lambda event: [contract(rollout_id=event.rollout_id, unit_id=event.unit_id)]


def _journey_started(event: j.JourneyStarted) -> list[Event]:
    return [w.JourneyStarted(rollout_id=event.rollout_id, unit_id=event.unit_id, wave=event.wave)]


def _step_started(event: j.StepStarted) -> list[Event]:
    step = {"rollout_id": event.rollout_id, "unit_id": event.unit_id, "step": event.step}
    external = [w.ExternalUnitStepStarted(**step)] if event.nameable else []
    return [w.JourneyStepStarted(**step), *external]


def _journey_completed(event: j.JourneyCompleted) -> list[Event]:
    place = {"rollout_id": event.rollout_id, "unit_id": event.unit_id}
    external = [w.ExternalUnitCompleted(**place)] if event.nameable else []
    return [w.JourneyCompleted(**place, after_care_on=event.after_care_on), *external]


_LINES: dict[type, Callable[[Any], Sequence[Event]]] = {
    u.UnitRegistered: _unit_registered,
    u.UnitChanged: _unit_changed,
    rollout.RolloutCreated: _created,
    pilot.PilotStarted: _pilot_started,
    evaluation.PilotExtended: _pilot_extended,
    pilot.EvaluationStarted: _rollout(w.RolloutEvaluationStarted),
    evaluation.GateEvaluated: _gate_evaluated,
    evaluation.GateOverridden: _gate_overridden,
    decision.DecisionProposed: _proposed,
    decision.DecisionApproved: _approved,
    decision.DecisionRejected: lambda event: [
        w.RolloutDecisionRejected(rollout_id=event.rollout_id, decision_id=event.decision_id)
    ],
    introduction.WavesPlanned: _waves_planned,
    introduction.PrerequisiteRecorded: _prerequisite,
    introduction.BroadIntroductionStarted: lambda event: [
        w.RolloutBroadIntroductionStarted(rollout_id=event.rollout_id, waves=event.waves)
    ],
    wave_steps.WaveStarted: _wave(w.WaveStarted, w.ExternalWaveStarted),
    wave_steps.WavesRescheduled: _rescheduled,
    wave_steps.WaveVerified: _wave(w.WaveVerified),
    wave_steps.WaveCompleted: _wave(w.WaveCompleted, w.ExternalWaveCompleted),
    # The unit's own journey has an event for each of these.
    standstill.UnitPaused: lambda event: [],
    standstill.UnitResumed: lambda event: [],
    standstill.UnitStopped: lambda event: [],
    standstill.RolloutPaused: _rollout(w.RolloutPaused),
    standstill.RolloutResumed: _rollout(w.RolloutResumed),
    standstill.RolloutStopped: _rollout(w.RolloutStopped),
    introduction.RolloutCompleted: _rollout(w.RolloutCompleted),
    j.JourneyStarted: _journey_started,
    j.StepStarted: _step_started,
    j.JourneyPaused: _journey(w.JourneyPaused),
    j.JourneyResumed: _journey(w.JourneyResumed),
    j.JourneyCompleted: _journey_completed,
    j.JourneyStopped: _journey(w.JourneyStopped),
    j.JourneyStuck: lambda event: [
        w.JourneyStuck(
            rollout_id=event.rollout_id, unit_id=event.unit_id, step=event.step, code=event.code
        )
    ],
}
