"""Which events this service takes, and what they become."""

from assessment_service.application import handlers
from assessment_service.application.commands import StopAsking
from assessment_service.application.ports import Clock, UnitOfWork
from assessment_service.domain.round import Unit
from contracts.workflow import JourneyStopped, UnitChanged, UnitRegistered
from servicekit.consumer_group import ConsumerGroup, EventMeta


async def record_unit(
    event: UnitRegistered | UnitChanged, uow: UnitOfWork, meta: EventMeta
) -> None:
    """Both events carry the unit's whole state."""
    unit = Unit(event.unit_id, event.parent_id, event.name, event.headcount, event.version)
    await handlers.record_unit(unit, uow)


def consumer_groups(clock: Clock) -> list[ConsumerGroup]:
    """The consumer groups: a small picture of the unit tree, and rounds that go nowhere."""

    async def stop_asking(event: JourneyStopped, uow: UnitOfWork, meta: EventMeta) -> None:
        await handlers.stop_asking(StopAsking(event.rollout_id, event.unit_id), uow, clock)

    return [
        ConsumerGroup("assessment.units", {UnitRegistered: record_unit, UnitChanged: record_unit}),
        ConsumerGroup("assessment.stopped-journeys", {JourneyStopped: stop_asking}),
    ]
