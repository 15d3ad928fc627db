"""Which events this service consumes, and the commands they become."""

from contracts.workflow import UnitChanged, UnitManagerAssigned, UnitRegistered
from people_service.application import handlers
from people_service.application.commands import RememberManager, RememberUnit
from people_service.application.ports import UnitOfWork
from servicekit.consumer_group import ConsumerGroup, EventMeta


async def _remember(event: UnitRegistered | UnitChanged, uow: UnitOfWork, _: EventMeta) -> None:
    await handlers.remember_unit(RememberUnit(event.unit_id, event.version), uow)


async def _manager(event: UnitManagerAssigned, uow: UnitOfWork, _: EventMeta) -> None:
    command = RememberManager(event.unit_id, event.manager_id, event.version)
    await handlers.remember_manager(command, uow)


CONSUMER_GROUPS = (
    ConsumerGroup(
        "people.units",
        {UnitRegistered: _remember, UnitChanged: _remember, UnitManagerAssigned: _manager},
    ),
)
