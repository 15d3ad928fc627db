"""What a rollout's event does to its units' journeys, and what each journey tells about it."""

from collections.abc import Mapping, Sequence

from workflow_service.domain.journey import journey as j
from workflow_service.domain.journey.journey import Journey
from workflow_service.domain.rollout import events as e
from workflow_service.domain.rollout.waves import PILOT_WAVE
from workflow_service.domain.template.template import STEPS

JourneyEvent = (
    j.JourneyStarted
    | j.StepStarted
    | j.JourneyPaused
    | j.JourneyResumed
    | j.JourneyCompleted
    | j.JourneyStopped
)
Effects = tuple[list[Journey], list[JourneyEvent]]


def effects(
    event: e.RolloutEvent, journeys: Mapping[str, Journey], headcounts: Mapping[str, int]
) -> Effects:
    """The journeys that the event changes, as they are after it, and their own events."""
    match event:
        case e.WavesPlanned():
            return _planned(event, journeys), []
        case e.WaveStarted():
            of_wave = [each for each in journeys.values() if each.wave == event.wave]
            return _started(event, [each for each in of_wave if not each.ended], headcounts)
        case e.UnitPaused():
            told = j.JourneyPaused(event.rollout_id, event.unit_id)
            return [journeys[event.unit_id].paused(event.reason)], [told]
        case e.UnitResumed():
            resumed = j.JourneyResumed(event.rollout_id, event.unit_id)
            return [journeys[event.unit_id].resumed()], [resumed]
        case e.UnitStopped():
            return _stopped([journeys[event.unit_id]])
        case e.RolloutStopped():
            return _stopped([each for each in journeys.values() if not each.ended])
        case _:
            return [], []


def _stopped(going: Sequence[Journey]) -> Effects:
    told: list[JourneyEvent] = [
        j.JourneyStopped(each.rollout_id, each.unit_id) for each in going if each.step_started_at
    ]
    return [each.stopped() for each in going], told


def _planned(event: e.WavesPlanned, journeys: Mapping[str, Journey]) -> list[Journey]:
    wave_of = {unit_id: wave.number for wave in event.waves for unit_id in wave.unit_ids}
    return [
        each.planned(wave_of.get(unit_id))  # None: stopped since an earlier plan.
        for unit_id, each in journeys.items()
        if each.wave != PILOT_WAVE and each.wave != wave_of.get(unit_id)
    ]


def _started(
    event: e.WaveStarted, starting: Sequence[Journey], headcounts: Mapping[str, int]
) -> Effects:
    told: list[JourneyEvent] = []
    for each in starting:
        told.append(j.JourneyStarted(each.rollout_id, each.unit_id, event.wave))
        told.append(_step_started(each, STEPS[0], headcounts[each.unit_id]))
    return [each.started(event.at) for each in starting], told


def moved(journey: Journey, move: j.Move, headcount: int) -> tuple[Journey, list[JourneyEvent]]:
    """The journey in its next step, and what it tells."""
    after = journey.moved(move)
    told: list[JourneyEvent] = [_step_started(after, after.step, headcount)]
    if after.status == "completed":
        nameable = j.nameable(headcount)
        told.append(
            j.JourneyCompleted(after.rollout_id, after.unit_id, after.after_care_on, nameable)
        )
    return after, told


def _step_started(journey: Journey, step: str, headcount: int) -> j.StepStarted:
    return j.StepStarted(journey.rollout_id, journey.unit_id, step, j.nameable(headcount))
