"""Events of a wave and of its units' journeys."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.envelope import Event
from contracts.vocabulary import (
    Step,
    Timestamp,
    UnitId,
    WaveNumber,
)


class WavePlanned(Event, type="workflow.wave.planned.v1", key="rollout_id+wave"):
    """The wave's units and earliest start are set."""

    rollout_id: UUID
    wave: WaveNumber
    unit_ids: tuple[UnitId, ...]
    planned_start: Timestamp


class WavePrerequisiteRecorded(
    Event, type="workflow.wave.prerequisite_recorded.v1", key="rollout_id+wave"
):
    """Evidence of a legal prerequisite is in place for the wave."""

    rollout_id: UUID
    wave: WaveNumber
    kind: Annotated[
        str,
        Field(description="risk_assessment or joint_consultation.", examples=["risk_assessment"]),
    ]
    recorded_on: date


class WaveStarted(Event, type="workflow.wave.started.v1", key="rollout_id+wave"):
    """The wave's unit journeys begin."""

    rollout_id: UUID
    wave: WaveNumber


class WaveRescheduled(Event, type="workflow.wave.rescheduled.v1", key="rollout_id+wave"):
    """The wave's planned start is another one: after a pause, or because an earlier wave started
    later than planned. It has not started."""

    rollout_id: UUID
    wave: WaveNumber
    planned_start: Timestamp


class WaveVerified(Event, type="workflow.wave.verified.v1", key="rollout_id+wave"):
    """The wave has come far enough for the next one to start."""

    rollout_id: UUID
    wave: WaveNumber


class WaveCompleted(Event, type="workflow.wave.completed.v1", key="rollout_id+wave"):
    """Every unit of the wave is at a terminal state."""

    rollout_id: UUID
    wave: WaveNumber


class JourneyStarted(Event, type="workflow.journey.started.v1", key="rollout_id+unit_id"):
    """The unit's journey begins."""

    rollout_id: UUID
    unit_id: UnitId
    wave: WaveNumber


class JourneyStepStarted(Event, type="workflow.journey.step_started.v1", key="rollout_id+unit_id"):
    """The unit entered a step; the step before it, if any, is done."""

    rollout_id: UUID
    unit_id: UnitId
    step: Step


class JourneyPaused(Event, type="workflow.journey.paused.v1", key="rollout_id+unit_id"):
    """The unit stands still until it is resumed."""

    rollout_id: UUID
    unit_id: UnitId


class JourneyResumed(Event, type="workflow.journey.resumed.v1", key="rollout_id+unit_id"):
    """The unit goes on from the step it was in."""

    rollout_id: UUID
    unit_id: UnitId


class JourneyCompleted(Event, type="workflow.journey.completed.v1", key="rollout_id+unit_id"):
    """The unit is through; after-care is scheduled at these dates."""

    rollout_id: UUID
    unit_id: UnitId
    after_care_on: tuple[date, ...]


class JourneyStopped(Event, type="workflow.journey.stopped.v1", key="rollout_id+unit_id"):
    """The unit's journey ended before its aim, by itself or with its rollout."""

    rollout_id: UUID
    unit_id: UnitId


class JourneyStuck(Event, type="workflow.journey.stuck.v1", key="rollout_id+unit_id"):
    """The unit's journey cannot go on: another service refuses what the step begins with. `code` is
    its problem code. Published once per code; the service keeps asking."""

    rollout_id: UUID
    unit_id: UnitId
    step: Step
    code: str
