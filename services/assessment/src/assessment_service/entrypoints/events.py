"""Which events this service takes, and what they become: a small picture of the unit tree."""

from assessment_service.application import handlers
from assessment_service.application.ports import UnitOfWork
from assessment_service.domain.round import Unit
from contracts.workflow import UnitChanged, UnitRegistered
from servicekit.subscription import EventMeta, Subscription


async def record_unit(
    event: UnitRegistered | UnitChanged, uow: UnitOfWork, meta: EventMeta
) -> None:
    """Both events carry the unit's whole state."""
    unit = Unit(event.unit_id, event.parent_id, event.name, event.headcount, event.version)
    await handlers.record_unit(unit, uow)


SUBSCRIPTIONS = [
    Subscription("assessment.units", {UnitRegistered: record_unit, UnitChanged: record_unit}),
]
