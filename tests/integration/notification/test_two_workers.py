"""Concurrency: workers whose clocks differ, and two requests for the same delivery."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from integration.notification.conftest import Start
from notification_service.adapters.unit_of_work import NotificationUnitOfWork
from notification_service.application.commands import Redeliver
from notification_service.application.subscription_handlers import redeliver
from notification_service.domain.delivery import Outcome
from notification_service.domain.errors import DomainError
from notification_service.domain.message import address_to
from support.eventually import eventually
from unit.notification.builders import NOW, delivery, subscription

UnitOfWork = Callable[[], NotificationUnitOfWork]
NONE, HOUR = timedelta(), timedelta(hours=1)

_WAITING = text("""
    select count(*) from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'
""")


@pytest.mark.parametrize("lane", ["_mail_lane", "_webhook_lane"])
@pytest.mark.parametrize(("first", "second"), [(NONE, HOUR), (-HOUR, NONE)])
async def test_a_wrong_clock_takes_no_row_from_another(
    start: Start, uow: UnitOfWork, lane: str, first: timedelta, second: timedelta
) -> None:
    one = subscription()
    async with uow() as tx:
        await tx.messages.add(address_to("round_opened", ["r"], ["p-1"], {}), NOW)
        await tx.subscriptions.add(one)
        await tx.deliveries.add([delivery(one.subscription_id)])

    async def claimed(ahead: timedelta) -> int:
        worker = start(clock=lambda: datetime.now(UTC) + ahead).app
        return len(await getattr(worker, lane)().claim(9))

    assert [await claimed(first), await claimed(second)] == [1, 0]


async def test_two_redeliveries_at_once_are_one(uow: UnitOfWork, engine: AsyncEngine) -> None:
    one = subscription()
    failed = delivery(one.subscription_id).settled(Outcome("refused", "x"), NOW, [], 0.5)
    async with uow() as tx:
        await tx.subscriptions.add(one)
        await tx.deliveries.add([failed])

    async def ask() -> str:
        try:
            async with uow() as tx:
                await redeliver(Redeliver(failed.delivery_id, None), tx)
        except DomainError as error:
            return error.code
        return "queued"

    async def both_wait() -> bool:
        async with engine.connect() as connection:
            waiting = await connection.scalar(
                text("select count(*) from pg_locks where not granted")
            )
        return bool(waiting == 2)

    async with uow() as tx:
        await tx.subscriptions.lock([one.subscription_id])
        asking = [asyncio.create_task(ask()) for _ in range(2)]
        await eventually(both_wait)
    assert sorted(await asyncio.gather(*asking)) == ["delivery-pending", "queued"]
