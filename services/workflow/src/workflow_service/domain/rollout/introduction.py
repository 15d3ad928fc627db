"""The wide introduction: waves are planned, their legal prerequisites recorded, and they run."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import ClassVar, Literal
from uuid import UUID

from workflow_service.domain.calendar import civil_date
from workflow_service.domain.errors import DomainError
from workflow_service.domain.journey.journey import Status, nameable
from workflow_service.domain.rollout.parameters import (
    ReasonText,
    Reference,
    WaveNumber,
    WaveSize,
)
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
    under_way_elsewhere,
    why_wave_waits,
)
from workflow_service.domain.rollout.waves import (
    PILOT_WAVE,
    PlannedWave,
    Prerequisite,
    PrerequisiteKind,
    Wave,
    plan_waves,
)

_LONGEST_AGO = timedelta(days=5 * 366)


@dataclass(frozen=True, slots=True)
class WavesPlanned(RolloutEvent):
    """The timetable of the waves that have not started. `nameable`: units that may be named to
    others; `prerequisites`: those that waves keep, because their units stay the same."""

    rollout_id: UUID
    waves: tuple[PlannedWave, ...]
    nameable: frozenset[str]
    at: datetime
    prerequisites: Mapping[int, tuple[Prerequisite, ...]] = field(default_factory=dict)

    def evolve(self, state: Rollout) -> Rollout:
        planned = tuple(
            Wave(
                w.number,
                "planned",
                w.planned_start,
                self.prerequisites.get(w.number, ()),
                unit_count=len(w.unit_ids),
            )
            for w in self.waves
        )
        started = tuple(w for w in state.waves if w.number == PILOT_WAVE or w.has_started)
        return replace(state, waves=(*started, *planned), planned_at=self.at)

    def effects(self, members: Mapping[str, Member]) -> Effects:
        wave_of = {unit_id: wave.number for wave in self.waves for unit_id in wave.unit_ids}
        journeys = {unit_id: member.journey for unit_id, member in members.items()}
        changed = [
            each.planned(wave_of.get(unit_id))  # None: stopped since an earlier plan.
            for unit_id, each in journeys.items()
            if each.step_started_at is None
            and each.wave != PILOT_WAVE
            and each.wave != wave_of.get(unit_id)
        ]
        return changed, []


@dataclass(frozen=True, slots=True)
class PrerequisiteRecorded(RolloutEvent):
    """Evidence of a legal prerequisite is in place, perhaps instead of what was recorded before."""

    rollout_id: UUID
    wave: int
    prerequisite: Prerequisite

    def evolve(self, state: Rollout) -> Rollout:
        wave = state.wave(self.wave)
        assert wave
        recorded = {each.kind: each for each in (*wave.prerequisites, self.prerequisite)}
        return state.with_wave(self.wave, prerequisites=tuple(recorded.values()))


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


_NO_UNIT_LEFT = Reason(
    "no-unit-left",
    "Every unit that had not started has been stopped: none is left for a wave. Stop the rollout"
    " to end it.",
)


@dataclass(frozen=True, slots=True)
class PlanWaves(Command):
    """Cut all units whose journey has not started into waves.

    A new plan replaces the last, also while earlier waves run or the rollout is paused.

    A wave keeps its legal prerequisites if its units stay the same. If others would be dropped,
    the plan is refused with their list until `drop_prerequisites` is set.
    """

    wave_size: WaveSize | None = field(
        default=None, metadata={"description": "Units; default: the template's."}
    )
    drop_prerequisites: bool = field(
        default=False,
        metadata={"description": "Accept that prerequisites of changed waves are dropped."},
    )
    action: Literal["plan_waves"] = "plan_waves"
    while_paused: ClassVar[bool] = True

    @classmethod
    def why_not(cls, state: Rollout, by: str) -> Reason | None:
        if state.phase != "broad_introduction":
            return _not_decided(state)
        if state.planned_waves:
            return None
        return Reason("all-waves-started", "Every wave has started or was stopped.")

    @classmethod
    def why_for_none(cls, journeys: Collection[Status]) -> Reason | None:
        return None if "waiting" in journeys else _NO_UNIT_LEFT

    def needs(self, state: Rollout) -> Needs:
        return Needs(every_unit=True)

    def decide(self, state: Rollout, facts: Facts, by: str, now: datetime) -> Events:
        left = {
            unit_id: member.headcount
            for unit_id, member in facts.members.items()
            if member.journey.wave != PILOT_WAVE
            and member.journey.step_started_at is None
            and not member.journey.ended
        }
        if not left:
            raise DomainError(_NO_UNIT_LEFT.code, "conflict", _NO_UNIT_LEFT.detail)
        rule, last = facts.template.waves, _last_started(state)
        first = last.number + 1 if last else 1
        start = last.next_start(rule.gap, state.pauses, now) if last else now
        size = self.wave_size or rule.size
        waves = plan_waves(left, size, rule.order, rule.gap, start, first)
        kept, dropped = _prerequisites_after(state, facts.members, waves)
        self._check_dropped(dropped)
        named = frozenset(unit_id for unit_id, people in left.items() if nameable(people))
        return (WavesPlanned(state.rollout_id, waves, named, now, kept),)

    def _check_dropped(self, dropped: Sequence[str]) -> None:
        if dropped and not self.drop_prerequisites:
            raise DomainError(
                "prerequisites-would-be-dropped",
                "conflict",
                f"This plan drops: {'; '.join(dropped)}. Plan again with drop_prerequisites, then"
                " record them for the new waves.",
            )


def _last_started(state: Rollout) -> Wave | None:
    started = [wave for wave in state.later_waves if wave.has_started]
    return started[-1] if started else None


def _prerequisites_after(
    state: Rollout, members: Mapping[str, Member], waves: tuple[PlannedWave, ...]
) -> tuple[dict[int, tuple[Prerequisite, ...]], list[str]]:
    """The prerequisites of each new wave, and those that are dropped, in words. A new wave keeps
    what was recorded for exactly its units."""
    units: dict[int, set[str]] = {}
    for unit_id, member in members.items():
        if member.journey.wave is not None and not member.journey.ended:
            units.setdefault(member.journey.wave, set()).add(unit_id)
    new = {frozenset(wave.unit_ids): wave.number for wave in waves}
    kept, dropped = {}, []
    for wave in state.planned_waves:
        if not wave.prerequisites:
            continue
        number = new.get(frozenset(units.get(wave.number, ())))
        if number is None:
            dropped += [
                f"{p.kind} ({p.reference}) of wave {wave.number}" for p in wave.prerequisites
            ]
        else:
            kept[number] = wave.prerequisites
    return kept, dropped


@dataclass(frozen=True, slots=True)
class RecordPrerequisite(Command):
    """Record where the evidence of a legal prerequisite of a wave is kept.

    A record is corrected by recording the same kind again with a reason, also when the wave has
    started; the history keeps the one before. Possible while the rollout is paused, too.
    """

    wave: WaveNumber
    kind: PrerequisiteKind
    reference: Reference
    recorded_on: date = field(
        metadata={"description": "The day in Sweden: today or in the last five years."}
    )
    reason: ReasonText | None = field(
        default=None, metadata={"description": "Why a record is corrected. Name no person."}
    )
    action: Literal["record_prerequisite"] = "record_prerequisite"
    while_paused: ClassVar[bool] = True

    def why_not_this(self, state: Rollout) -> Reason | None:
        wave = state.wave(self.wave)
        if wave is None:
            return Reason("wave-unknown", f"There is no wave {self.wave}.")
        if self.kind in wave.missing and wave.status != "planned":
            return Reason("wave-started", f"Wave {self.wave} is {wave.status}.")
        if self.kind not in wave.missing and not self.reason:
            return Reason(
                "prerequisite-recorded",
                f"{self.kind} is recorded for wave {self.wave} already. Give a reason to correct"
                " it.",
            )
        return None

    def decide(self, state: Rollout, facts: Facts, by: str, now: datetime) -> Events:
        today = civil_date(now)
        if self.recorded_on > today:
            detail = f"{self.recorded_on} is in the future."
            errors = [{"pointer": "/recorded_on", "detail": detail}]
            raise DomainError("recorded-in-future", "invalid", detail, errors)
        if self.recorded_on < today - _LONGEST_AGO:
            detail = f"{self.recorded_on} is more than five years ago."
            errors = [{"pointer": "/recorded_on", "detail": detail}]
            raise DomainError("recorded-too-long-ago", "invalid", detail, errors)
        recorded = Prerequisite(self.kind, self.reference, self.recorded_on, by, self.reason)
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
        return why_wave_waits(state.planned_waves[0]) if state.planned_waves else _NO_UNIT_LEFT

    def needs(self, state: Rollout) -> Needs:
        return Needs(wave=state.planned_waves[0].number, elsewhere=True)

    def decide(self, state: Rollout, facts: Facts, by: str, now: datetime) -> Events:
        if facts.elsewhere:
            raise under_way_elsewhere(facts.elsewhere)
        return (BroadIntroductionStarted(state.rollout_id, len(state.planned_waves)),)


@dataclass(frozen=True, slots=True)
class Complete(Step):
    """Every wave is complete."""

    action: Literal["complete"] = "complete"

    def decide(self, state: Rollout, facts: Facts, by: str, now: datetime) -> Events:
        return (RolloutCompleted(state.rollout_id),)
