"""Which events this service takes, and the commands they become."""

from content_service.application import handlers
from content_service.application.ports import UnitOfWork
from content_service.domain.unit import Unit
from contracts.workflow import RolloutCreated, UnitChanged, UnitRegistered
from servicekit.consumer_group import ConsumerGroup, EventMeta


async def _record(event: UnitRegistered | UnitChanged, uow: UnitOfWork, _: EventMeta) -> None:
    ended = event.dissolved_on if isinstance(event, UnitChanged) else None
    state = (event.unit_id, event.parent_id, event.name, event.headcount, event.version)
    unit = Unit(*state, dissolved_on=ended)
    await handlers.record_unit(unit, uow)


async def _record_rollout(event: RolloutCreated, uow: UnitOfWork, _: EventMeta) -> None:
    await handlers.record_rollout(event.rollout_id, event.unit_ids, uow)


CONSUMER_GROUPS = (
    ConsumerGroup("content.units", {UnitRegistered: _record, UnitChanged: _record}),
    ConsumerGroup("content.rollouts", {RolloutCreated: _record_rollout}),
)
