"""The pilot: started by a person, over when all its journeys are."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from workflow_service.domain.rollout import evaluation
from workflow_service.domain.rollout.rollout import Rollout
from workflow_service.domain.rollout.transition import (
    Command,
    Events,
    Facts,
    Needs,
    Reason,
    RolloutEvent,
    Step,
    under_way_elsewhere,
    why_wave_waits,
)
from workflow_service.domain.rollout.wave_steps import WaveCompleted, WaveStarted
from workflow_service.domain.rollout.waves import PILOT_WAVE


@dataclass(frozen=True, slots=True)
class PilotStarted(RolloutEvent):
    """The pilot units' journeys begin."""

    rollout_id: UUID
    unit_ids: tuple[str, ...]

    def evolve(self, state: Rollout) -> Rollout:
        return replace(state, phase="pilot")


@dataclass(frozen=True, slots=True)
class EvaluationStarted(RolloutEvent):
    """All pilot journeys are over."""

    rollout_id: UUID

    def evolve(self, state: Rollout) -> Rollout:
        return replace(state, phase="evaluation")


@dataclass(frozen=True, slots=True)
class StartPilot(Command):
    """Start the pilot units' journeys."""

    action: Literal["start_pilot"] = "start_pilot"

    @classmethod
    def why_not(cls, state: Rollout, by: str) -> Reason | None:
        if state.phase != "preparation":
            return Reason("pilot-started", "The pilot has been started already.")
        pilot = state.wave(PILOT_WAVE)
        return why_wave_waits(pilot) if pilot else None

    def needs(self, state: Rollout) -> Needs:
        return Needs(wave=PILOT_WAVE, elsewhere=True)

    def decide(self, state: Rollout, facts: Facts, by: str, now: datetime) -> Events:
        if facts.elsewhere:
            raise under_way_elsewhere(facts.elsewhere)
        going = sorted(unit for unit, each in facts.members.items() if not each.journey.ended)
        return (
            PilotStarted(state.rollout_id, tuple(going)),
            WaveStarted(state.rollout_id, PILOT_WAVE, now),
        )


@dataclass(frozen=True, slots=True)
class CompletePilot(Step):
    """The pilot's last journey is over: evaluate it."""

    action: Literal["complete_pilot"] = "complete_pilot"

    def needs(self, state: Rollout) -> Needs:
        return Needs(pilot_evidence=True)

    def decide(self, state: Rollout, facts: Facts, by: str, now: datetime) -> Events:
        return (
            WaveCompleted(state.rollout_id, PILOT_WAVE),
            EvaluationStarted(state.rollout_id),
            evaluation.evaluated(state.rollout_id, facts, now),
        )
