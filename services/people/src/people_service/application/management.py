"""Announces which units have a manager today. Idempotent: it may run at any time, by anybody."""

from people_service.application.ports import UnitOfWork
from people_service.domain.calendar import civil_date
from people_service.domain.management import changed_managements


async def announce_managers(uow: UnitOfWork) -> None:
    """Record an event for each unit whose managers are not those announced last.

    Whoever changes assignments calls it in the same transaction, after the change; a periodic step
    calls it for those that begin or end with the day.
    """
    announced = await uow.managements.all_locked()
    managers = await uow.persons.managers_by_unit(civil_date(await uow.now()))
    changes = changed_managements(announced, managers)
    await uow.managements.save([management for management, _ in changes])
    for _, event in changes:
        uow.record(event)
