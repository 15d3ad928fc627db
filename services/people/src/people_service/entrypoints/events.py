"""Which events this service consumes, and the commands they become."""

from contracts.workflow import UnitChanged, UnitRegistered
from people_service.application import handlers
from people_service.application.commands import RememberUnit
from people_service.application.ports import UnitOfWork
from servicekit.consumer_group import ConsumerGroup, EventMeta


async def _remember(event: UnitRegistered | UnitChanged, uow: UnitOfWork, _: EventMeta) -> None:
    command = RememberUnit(event.unit_id, event.version)
    if isinstance(event, UnitChanged):
        end = (event.dissolved_on, event.successor_id)
        command = RememberUnit(event.unit_id, event.version, *end)
    await handlers.remember_unit(command, uow)


CONSUMER_GROUPS = (
    ConsumerGroup("people.units", {UnitRegistered: _remember, UnitChanged: _remember}),
)
