"""Removes old messages, deliveries and invitations, so that what people received is not kept for
ever."""

from datetime import timedelta

from notification_service.application.ports import OpenUnitOfWork
from notification_service.domain.load_cap import LoadCap

_BATCH = 1_000


async def remove_old(uow: OpenUnitOfWork, keep: timedelta) -> None:
    """Remove messages and deliveries settled longer than `keep` ago, in short transactions."""
    removed = _BATCH
    while removed == _BATCH:
        async with uow() as tx:
            before = await tx.now() - keep
            messages = await tx.messages.remove_settled(before, _BATCH)
            deliveries = await tx.deliveries.remove_settled(before, _BATCH)
        removed = max(messages, deliveries)


async def forget_invitations(uow: OpenUnitOfWork, cap: LoadCap) -> None:
    """Remove invitations that count no more: older than the cap's time, to rounds that closed."""
    async with uow() as tx:
        await tx.invitations.remove_old(await tx.now() - cap.within)
