"""How a wave advances: started, verified, completed. The pilot is wave 0."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

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
)
from workflow_service.domain.template.template import STEPS


@dataclass(frozen=True, slots=True)
class WaveStarted(RolloutEvent):
    """The wave's journeys begin."""

    rollout_id: UUID
    wave: int
    at: datetime

    def evolve(self, state: Rollout) -> Rollout:
        return state.with_wave(self.wave, status="running")

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
        return Needs(wave=self.wave)

    def decide(self, state: Rollout, facts: Facts, by: str, now: datetime) -> Events:
        return (WaveStarted(state.rollout_id, self.wave, now),)


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
