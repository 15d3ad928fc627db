"""How a wave advances: started, verified, completed. The pilot is wave 0."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from workflow_service.domain.duration import Duration
from workflow_service.domain.journey import journey as j
from workflow_service.domain.rollout.rollout import Rollout
from workflow_service.domain.rollout.transition import (
    Effects,
    Events,
    Facts,
    Member,
    Needs,
    RolloutEvent,
    Step,
    under_way_elsewhere,
)
from workflow_service.domain.template.template import STEPS


@dataclass(frozen=True, slots=True)
class WaveStarted(RolloutEvent):
    """The wave's journeys begin."""

    rollout_id: UUID
    wave: int
    at: datetime

    def evolve(self, state: Rollout) -> Rollout:
        return state.with_wave(self.wave, status="running", started_at=self.at)

    def effects(self, members: Mapping[str, Member]) -> Effects:
        events: list[j.JourneyEvent] = []
        starting = [
            member
            for member in members.values()
            if member.journey.wave == self.wave and not member.journey.ended
        ]
        for member in starting:
            unit_id, nameable = member.journey.unit_id, j.nameable(member.headcount)
            events.append(j.JourneyStarted(self.rollout_id, unit_id, self.wave))
            events.append(j.StepStarted(self.rollout_id, unit_id, STEPS[0], nameable))
        return [member.journey.started(self.at) for member in starting], events

    def waves_to_nudge(self, state: Rollout) -> tuple[int, ...]:
        return (self.wave,)


@dataclass(frozen=True, slots=True)
class WavesRescheduled(RolloutEvent):
    """Waves that have not started have other planned starts: after a pause, or because an earlier
    wave started later than planned."""

    rollout_id: UUID
    starts: tuple[tuple[int, datetime], ...]

    def evolve(self, state: Rollout) -> Rollout:
        for wave, planned_start in self.starts:
            state = state.with_wave(wave, planned_start=planned_start)
        return state


def after_pause(state: Rollout, now: datetime) -> Events:
    """What lay ahead when the pause began is moved by its length; what was planned in it, by the
    rest of it."""
    since = state.pauses[-1].since if state.pauses else now
    since = max(since, state.planned_at or since)
    starts = tuple(
        (wave.number, wave.planned_start + (now - since))
        for wave in state.waves
        if wave.status == "planned" and wave.planned_start and wave.planned_start > since
    )
    return (WavesRescheduled(state.rollout_id, starts),) if starts else ()


def _after_start(state: Rollout, started: int, gap: Duration, now: datetime) -> Events:
    """The gap to the next wave counts from the real start of the one before."""
    starts, earliest = [], gap.after(now)
    for wave in state.planned_waves:
        if wave.number <= started or wave.planned_start is None:
            continue
        start = max(wave.planned_start, earliest)
        if start != wave.planned_start:
            starts.append((wave.number, start))
        earliest = gap.after(start)
    return (WavesRescheduled(state.rollout_id, tuple(starts)),) if starts else ()


@dataclass(frozen=True, slots=True)
class WaveVerified(RolloutEvent):
    """The next wave may start."""

    rollout_id: UUID
    wave: int

    def evolve(self, state: Rollout) -> Rollout:
        return state.with_wave(self.wave, status="verified")


@dataclass(frozen=True, slots=True)
class WaveCompleted(RolloutEvent):
    """Every journey of the wave is over."""

    rollout_id: UUID
    wave: int

    def evolve(self, state: Rollout) -> Rollout:
        return state.with_wave(self.wave, status="completed")


@dataclass(frozen=True, slots=True)
class StartWave(Step):
    """A wave's start has come, and nothing holds it back."""

    wave: int
    action: Literal["start_wave"] = "start_wave"

    def needs(self, state: Rollout) -> Needs:
        return Needs(wave=self.wave, elsewhere=True)

    def decide(self, state: Rollout, facts: Facts, by: str, now: datetime) -> Events:
        if facts.elsewhere:
            raise under_way_elsewhere(facts.elsewhere)
        later = _after_start(state, self.wave, facts.template.waves.gap, now)
        return (WaveStarted(state.rollout_id, self.wave, now), *later)


@dataclass(frozen=True, slots=True)
class VerifyWave(Step):
    """A wave's journeys have passed the step that the template names."""

    wave: int
    action: Literal["verify_wave"] = "verify_wave"

    def decide(self, state: Rollout, facts: Facts, by: str, now: datetime) -> Events:
        return (WaveVerified(state.rollout_id, self.wave),)


@dataclass(frozen=True, slots=True)
class CompleteWave(Step):
    """A wave's journeys are over."""

    wave: int
    action: Literal["complete_wave"] = "complete_wave"

    def decide(self, state: Rollout, facts: Facts, by: str, now: datetime) -> Events:
        return (WaveCompleted(state.rollout_id, self.wave),)
