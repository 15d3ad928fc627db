"""What time and evidence make due next in a rollout."""

from collections.abc import Mapping
from datetime import datetime

from workflow_service.domain.journey.progress import WaveProgress
from workflow_service.domain.rollout.evaluation import EvaluateAgain
from workflow_service.domain.rollout.introduction import Complete
from workflow_service.domain.rollout.pilot import CompletePilot
from workflow_service.domain.rollout.rollout import Rollout
from workflow_service.domain.rollout.transition import Step, why_wave_waits
from workflow_service.domain.rollout.wave_steps import (
    CompleteWave,
    StartWave,
    VerifyWave,
)
from workflow_service.domain.rollout.waves import PILOT_WAVE, Wave
from workflow_service.domain.template.template import RolloutTemplate

Progress = Mapping[int, WaveProgress]
"""Of each running wave, by its number."""


def next_step(
    state: Rollout, now: datetime, progress: Progress, template: RolloutTemplate
) -> Step | None:
    """The step that is due now, if any. Ask again until there is none."""
    if state.status != "active":
        return None
    match state.phase:
        case "pilot" if progress[PILOT_WAVE].ended:
            return CompletePilot()
        case "evaluation" if state.evaluate_again_at and state.evaluate_again_at <= now:
            return EvaluateAgain()
        case "broad_introduction":
            return _next_of_waves(state, now, progress, template)
        case _:
            return None


def _next_of_waves(
    state: Rollout, now: datetime, progress: Progress, template: RolloutTemplate
) -> Step | None:
    for wave in state.later_waves:
        if wave.runs and progress[wave.number].ended:
            return CompleteWave(wave.number)
        if wave.status == "running" and progress[wave.number].verified(template):
            return VerifyWave(wave.number)
    if due := due_wave(state, now):
        return StartWave(due.number)
    if all(wave.status in ("completed", "stopped") for wave in state.later_waves):
        return Complete()
    return None


def due_wave(state: Rollout, now: datetime) -> Wave | None:
    """The wave whose start has come. It starts unless one of its units is under way in another
    rollout."""
    if state.status != "active" or state.phase != "broad_introduction":
        return None
    wave = _startable(state)
    return wave if wave and wave.planned_start and wave.planned_start <= now else None


def _startable(state: Rollout) -> Wave | None:
    """The next wave, if the one before it is verified and no legal prerequisite is missing."""
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
