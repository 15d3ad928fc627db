"""Announces what follows from changed assignments, whatever changed them. Never commits."""

from collections.abc import Iterable
from datetime import date

from people_service.application.management import announce_managers
from people_service.application.ports import UnitOfWork
from people_service.domain.calendar import civil_date
from people_service.domain.membership import MembersJoined, joined_units
from people_service.domain.person import Person


async def announce(changes: Iterable[tuple[Person | None, Person]], uow: UnitOfWork) -> None:
    """Announce which units somebody belongs to from today on, and which have other managers.

    `changes` are persons before, None for new ones, and after, as they are stored by now. "Today"
    is a later day than that of the transaction's beginning if that day's joiners were announced
    while it waited: nobody announces them again.
    """
    today = max(civil_date(await uow.now()), await uow.joiners.day() or date.min)
    joined = {unit for before, after in changes for unit in joined_units(before, after, today)}
    for unit_id in sorted(joined):
        uow.record(MembersJoined(unit_id))
    await announce_managers(uow)
