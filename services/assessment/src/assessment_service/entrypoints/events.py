"""Which events this service takes, and the commands they become."""

from assessment_service.application import handlers
from assessment_service.application.commands import StopAsking
from assessment_service.application.ports import UnitOfWork
from assessment_service.domain.round import Unit
from contracts.workflow import JourneyStopped, UnitChanged, UnitRegistered
from servicekit.consumer_group import ConsumerGroup, EventMeta


async def record_unit(event: UnitRegistered | UnitChanged, uow: UnitOfWork, _: EventMeta) -> None:
    """Both events carry the unit's whole state."""
    unit = Unit(event.unit_id, event.parent_id, event.name, event.headcount, event.version)
    await handlers.record_unit(unit, uow)


async def stop_asking(event: JourneyStopped, uow: UnitOfWork, _: EventMeta) -> None:
    await handlers.stop_asking(StopAsking(event.rollout_id, event.unit_id), uow)


CONSUMER_GROUPS = (
    ConsumerGroup("assessment.units", {UnitRegistered: record_unit, UnitChanged: record_unit}),
    ConsumerGroup("assessment.stopped-journeys", {JourneyStopped: stop_asking}),
)
