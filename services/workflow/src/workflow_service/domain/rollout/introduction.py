"""The wide introduction: waves are planned, their legal prerequisites recorded, and they run."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from workflow_service.domain.errors import DomainError
from workflow_service.domain.journey.journey import nameable
from workflow_service.domain.rollout.parameters import Reference, WaveNumber, WaveSize
from workflow_service.domain.rollout.rollout import Rollout
from workflow_service.domain.rollout.transition import (
    Command,
    Effects,
    Events,
    Facts,
    Member,
    Needs,
    Reason,
    RolloutEvent,
    Step,
)
from workflow_service.domain.rollout.waves import (
    PILOT_WAVE,
    PlannedWave,
    Prerequisite,
    PrerequisiteKind,
    Wave,
    plan_waves,
)


@dataclass(frozen=True, slots=True)
class WavesPlanned(RolloutEvent):
    """The timetable of the wide introduction. `nameable`: units that may be named to others."""

    rollout_id: UUID
    waves: tuple[PlannedWave, ...]
    nameable: frozenset[str]

    def evolve(self, state: Rollout) -> Rollout:
        # Prerequisites belong to the units of a wave: a new plan asks for them again.
        planned = tuple(
            Wave(w.number, "planned", w.planned_start, unit_count=len(w.unit_ids))
            for w in self.waves
        )
        pilot = tuple(wave for wave in state.waves if wave.number == PILOT_WAVE)
        return replace(state, waves=(*pilot, *planned))

    def effects(self, members: Mapping[str, Member]) -> Effects:
        wave_of = {unit_id: wave.number for wave in self.waves for unit_id in wave.unit_ids}
        journeys = {unit_id: member.journey for unit_id, member in members.items()}
        changed = [
            each.planned(wave_of.get(unit_id))  # None: stopped since an earlier plan.
            for unit_id, each in journeys.items()
            if each.wave != PILOT_WAVE and each.wave != wave_of.get(unit_id)
        ]
        return changed, []


@dataclass(frozen=True, slots=True)
class PrerequisiteRecorded(RolloutEvent):
    """Evidence of a legal prerequisite is in place."""

    rollout_id: UUID
    wave: int
    prerequisite: Prerequisite

    def evolve(self, state: Rollout) -> Rollout:
        wave = state.wave(self.wave)
        assert wave
        recorded = (*wave.prerequisites, self.prerequisite)
        return state.with_wave(self.wave, prerequisites=recorded)


@dataclass(frozen=True, slots=True)
class BroadIntroductionStarted(RolloutEvent):
    """The waves may run, in order."""

    rollout_id: UUID
    waves: int

    def evolve(self, state: Rollout) -> Rollout:
        return replace(state, phase="broad_introduction")


@dataclass(frozen=True, slots=True)
class RolloutCompleted(RolloutEvent):
    """Every wave is complete; after-care remains."""

    rollout_id: UUID

    def evolve(self, state: Rollout) -> Rollout:
        return replace(state, phase="after_care", status="completed")


def _not_decided(state: Rollout) -> Reason | None:
    if state.phase == "broad_introduction":
        return Reason("introduction-started", "The wide introduction has started.")
    decision = state.decision
    wide = decision and (decision.status, decision.outcome) == ("approved", "broad_introduction")
    if state.phase == "decision" and wide:
        return None
    return Reason("not-decided", "There is no approved decision on a wide introduction.")


def why_wave_waits(wave: Wave) -> Reason | None:
    """Which legal prerequisites are missing before the wave may start."""
    if not wave.missing:
        return None
    return Reason(
        "prerequisites-missing",
        f"Wave {wave.number} lacks: {', '.join(wave.missing)}. Record them first.",
    )


@dataclass(frozen=True, slots=True)
class PlanWaves(Command):
    """Cut all units that were no pilots into waves. A new plan replaces the last."""

    wave_size: WaveSize | None = field(
        default=None, metadata={"description": "Units; default: the template's."}
    )
    action: Literal["plan_waves"] = "plan_waves"

    @classmethod
    def why_not(cls, state: Rollout, by: str) -> Reason | None:
        return _not_decided(state)

    def needs(self, state: Rollout) -> Needs:
        return Needs(every_unit=True)

    def decide(self, state: Rollout, facts: Facts, by: str, now: datetime) -> Events:
        left = {
            unit_id: member.headcount
            for unit_id, member in facts.members.items()
            if member.journey.wave != PILOT_WAVE and not member.journey.ended
        }
        rule = facts.template.waves
        waves = plan_waves(left, self.wave_size or rule.size, rule.order, rule.gap, now)
        named = frozenset(unit_id for unit_id, people in left.items() if nameable(people))
        return (WavesPlanned(state.rollout_id, waves, named),)


@dataclass(frozen=True, slots=True)
class RecordPrerequisite(Command):
    """Record where the evidence of a legal prerequisite of a wave is kept."""

    wave: WaveNumber
    kind: PrerequisiteKind
    reference: Reference
    recorded_on: date
    action: Literal["record_prerequisite"] = "record_prerequisite"

    @classmethod
    def why_not(cls, state: Rollout, by: str) -> Reason | None:
        if any(wave.status == "planned" and wave.missing for wave in state.waves):
            return None
        return Reason("no-prerequisite-missing", "No planned wave lacks a prerequisite.")

    def why_not_this(self, state: Rollout) -> Reason | None:
        wave = state.wave(self.wave)
        if wave is None:
            return Reason("wave-unknown", f"There is no wave {self.wave}.")
        if wave.status != "planned":
            return Reason("wave-started", f"Wave {self.wave} has been started.")
        if self.kind not in wave.missing:
            detail = f"{self.kind} is recorded for wave {self.wave} already."
            return Reason("prerequisite-recorded", detail)
        return None

    def decide(self, state: Rollout, facts: Facts, by: str, now: datetime) -> Events:
        if self.recorded_on > now.date():
            detail = f"{self.recorded_on} is in the future."
            errors = [{"pointer": "/body/recorded_on", "detail": detail}]
            raise DomainError("recorded-in-future", "invalid", detail, errors)
        recorded = Prerequisite(self.kind, self.reference, self.recorded_on, by)
        return (PrerequisiteRecorded(state.rollout_id, self.wave, recorded),)


@dataclass(frozen=True, slots=True)
class StartBroadIntroduction(Command):
    """Let the waves run, in order."""

    action: Literal["start_broad_introduction"] = "start_broad_introduction"

    @classmethod
    def why_not(cls, state: Rollout, by: str) -> Reason | None:
        if reason := _not_decided(state):
            return reason
        if not state.later_waves:
            return Reason("waves-not-planned", "The waves are not planned.")
        return why_wave_waits(state.later_waves[0])

    def decide(self, state: Rollout, facts: Facts, by: str, now: datetime) -> Events:
        return (BroadIntroductionStarted(state.rollout_id, len(state.later_waves)),)


@dataclass(frozen=True, slots=True)
class Complete(Step):
    """Every wave is complete."""

    action: Literal["complete"] = "complete"

    def decide(self, state: Rollout, facts: Facts, by: str, now: datetime) -> Events:
        return (RolloutCompleted(state.rollout_id),)
