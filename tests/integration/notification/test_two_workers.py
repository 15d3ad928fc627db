"""Concurrency: workers whose clocks differ, and two requests for the same delivery."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from integration.notification.conftest import Start
from integration.notification.mail_catcher import MailCatcher
from integration.notification.receiver import Receiver
from integration.notification.service import person_row
from integration.notification.webhooks import deliveries, publish, subscribe
from notification_service.adapters.unit_of_work import NotificationUnitOfWork
from notification_service.application.commands import Redeliver
from notification_service.application.subscription_handlers import redeliver
from notification_service.domain.delivery import Outcome
from notification_service.domain.errors import DomainError
from notification_service.domain.message import address_to
from support.clocks import wrong_clock
from support.eventually import eventually
from unit.notification.builders import NOW, delivery, subscription

UnitOfWork = Callable[[], NotificationUnitOfWork]
NONE, HOUR = timedelta(), timedelta(hours=1)
FACTS = {"round_id": "r", "unit_id": "rehab", "closes_at": "2026-03-16T11:00:00+00:00"}

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
        worker = start().app
        with wrong_clock(ahead):
            return len(await getattr(worker, lane)().claim(9))

    assert [await claimed(first), await claimed(second)] == [1, 0]


@pytest.mark.parametrize("ahead", [2 * HOUR, -2 * HOUR], ids=["fast", "slow"])
async def test_a_wrong_clock_dates_and_signs_as_a_right_one(
    start: Start, catcher: MailCatcher, ahead: timedelta
) -> None:
    """A receiver refuses a webhook of another time, and a retired secret signs for an hour."""
    service = start(webhook={"rotation_overlap_hours": 1})
    await service.import_people(person_row(1))
    async with service.app.uow() as tx:
        await tx.messages.add(address_to("round_opened", ["r"], ["p-0001"], FACTS), NOW)
    async with Receiver() as receiver:
        made = await subscribe(service, receiver)
        path = f"/subscriptions/{made['subscription_id']}/rotate-secret"
        rotated = (await service.ask("POST", path)).json()
        await publish(service)
        with wrong_clock(ahead):
            async with service.sending():
                await eventually(lambda: asyncio.sleep(0, catcher.mails() and receiver.requests))
    for secret in (made["secret"], rotated["secret"]):
        assert receiver.requests[0].verify(secret)
    [delivery] = await deliveries(service)
    [mail] = catcher.mails()
    attempted = datetime.fromisoformat(delivery["attempts"][0]["started_at"])
    for when in (mail["Date"].datetime, attempted):
        assert abs(datetime.now(UTC) - when) < timedelta(minutes=1)


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
