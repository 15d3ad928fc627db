"""Which events this service takes, and the commands they become."""

from assessment_service.application import handlers
from assessment_service.application.commands import RecordPause, StopAsking
from assessment_service.application.ports import UnitOfWork
from assessment_service.domain.pauses import Mark
from assessment_service.domain.round import Unit
from contracts.workflow import (
    JourneyPaused,
    JourneyResumed,
    JourneyStopped,
    RolloutCreated,
    RolloutPaused,
    RolloutResumed,
    UnitChanged,
    UnitRegistered,
)
from servicekit.consumer_group import ConsumerGroup, EventMeta


async def record_unit(event: UnitRegistered | UnitChanged, uow: UnitOfWork, _: EventMeta) -> None:
    """Both events carry the unit's whole state; only a unit that changed can have ended."""
    ended = event.dissolved_on if isinstance(event, UnitChanged) else None
    state = (event.unit_id, event.parent_id, event.name, event.headcount, event.version)
    unit = Unit(*state, dissolved_on=ended)
    await handlers.record_unit(unit, uow)


async def record_rollout(event: RolloutCreated, uow: UnitOfWork, _: EventMeta) -> None:
    await handlers.record_rollout(event.rollout_id, event.unit_ids, uow)


async def stop_asking(event: JourneyStopped, uow: UnitOfWork, meta: EventMeta) -> None:
    command = StopAsking(meta.id, event.rollout_id, event.unit_id, meta.time)
    await handlers.stop_asking(command, uow)


async def pause_unit(
    event: JourneyPaused | JourneyResumed, uow: UnitOfWork, meta: EventMeta
) -> None:
    paused = isinstance(event, JourneyPaused)
    mark = Mark(event.rollout_id, event.unit_id, meta.time, paused)
    await handlers.record_pause(RecordPause(meta.id, mark), uow)


async def pause_rollout(
    event: RolloutPaused | RolloutResumed, uow: UnitOfWork, meta: EventMeta
) -> None:
    mark = Mark(event.rollout_id, None, meta.time, isinstance(event, RolloutPaused))
    await handlers.record_pause(RecordPause(meta.id, mark), uow)


CONSUMER_GROUPS = (
    ConsumerGroup("assessment.units", {UnitRegistered: record_unit, UnitChanged: record_unit}),
    ConsumerGroup("assessment.rollouts", {RolloutCreated: record_rollout}),
    ConsumerGroup("assessment.stopped-journeys", {JourneyStopped: stop_asking}),
    ConsumerGroup(
        "assessment.pauses",
        {
            JourneyPaused: pause_unit,
            JourneyResumed: pause_unit,
            RolloutPaused: pause_rollout,
            RolloutResumed: pause_rollout,
        },
    ),
)
