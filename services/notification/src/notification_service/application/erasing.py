"""Use cases of erasing a person. The people service says who it is, and wants to know the end."""

import logging
from uuid import UUID

from notification_service.application.ports import (
    ErasedPersons,
    ErasureUnknown,
    OpenUnitOfWork,
    PeopleUnavailable,
    UnitOfWork,
)

log = logging.getLogger(__name__)


async def erase_person(erasure_id: UUID, uow: UnitOfWork) -> None:
    """Delete the messages to a person; those that are not sent are not sent any more. What names
    them in reasons and stored answers goes too.

    It is confirmed after the commit, by `confirm_erasures`. Raises PeopleUnavailable, or
    ErasureUnknown.
    """
    erased = await uow.erased_persons.erased(erasure_id)
    if erased is not None:
        await uow.erasures.to_confirm(erasure_id, await uow.erasures.remove(erasure_id, erased))


async def confirm_erasures(open_uow: OpenUnitOfWork, people: ErasedPersons) -> None:
    """Confirm what was erased. It may be called at any time, by anybody.

    One that is not taken is tried at the next call; one that people does not know is given up.
    """
    async with open_uow() as uow:
        unconfirmed = await uow.erasures.unconfirmed()
    for erasure_id, rows in unconfirmed.items():
        try:
            await people.confirm(erasure_id, rows)
        except PeopleUnavailable as error:
            log.warning("erasure %s is not confirmed yet: %s", erasure_id, error)
            continue
        except ErasureUnknown:
            log.error("erasure %s cannot be confirmed: people does not know it", erasure_id)
        async with open_uow() as uow:
            await uow.erasures.confirmed(erasure_id)
