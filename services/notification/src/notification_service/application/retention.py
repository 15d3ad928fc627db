"""Removes old messages and deliveries, so that the log of what people received is not unlimited."""

from datetime import timedelta

from notification_service.application.ports import OpenUnitOfWork

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
