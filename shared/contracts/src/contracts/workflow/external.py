"""What other regional systems may know of rollouts: no unit below the privacy floor."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.envelope import Event
from contracts.vocabulary import (
    DecisionOutcome,
    Step,
    Timestamp,
    UnitId,
    WaveNumber,
)


class ExternalDecisionPublished(Event, type="external.decision.published.v1", key="rollout_id"):
    """The region's decision about the rollout."""

    rollout_id: UUID
    decision_id: UUID
    outcome: DecisionOutcome
    diary_number: Annotated[str, Field(description="Diarienummer.", examples=["RV 2026-0142"])]
    decided_on: date


class TimetableWave(BaseModel):
    """One wave of the published timetable. Only units at or above the privacy floor are named."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    wave: WaveNumber
    planned_start: Timestamp
    unit_count: int
    unit_ids: tuple[UnitId, ...]


class ExternalTimetablePublished(Event, type="external.timetable.published.v1", key="rollout_id"):
    """The timetable of the wide introduction; a later one replaces it."""

    rollout_id: UUID
    waves: tuple[TimetableWave, ...]


class ExternalWaveStarted(Event, type="external.wave.started.v1", key="rollout_id+wave"):
    """A wave of the wide introduction (or the pilot, wave 0) began."""

    rollout_id: UUID
    wave: WaveNumber


class ExternalWaveRescheduled(Event, type="external.wave.rescheduled.v1", key="rollout_id+wave"):
    """A wave of the published timetable, which has not started, has another planned start."""

    rollout_id: UUID
    wave: WaveNumber
    planned_start: Timestamp


class ExternalWaveCompleted(Event, type="external.wave.completed.v1", key="rollout_id+wave"):
    """Every unit of the wave is at a terminal state."""

    rollout_id: UUID
    wave: WaveNumber


class ExternalUnitStepStarted(
    Event, type="external.unit.step_started.v1", key="rollout_id+unit_id"
):
    """A unit at or above the privacy floor entered a step of its journey."""

    rollout_id: UUID
    unit_id: UnitId
    step: Step


class ExternalUnitCompleted(Event, type="external.unit.completed.v1", key="rollout_id+unit_id"):
    """A unit at or above the privacy floor has gone through its journey."""

    rollout_id: UUID
    unit_id: UnitId
