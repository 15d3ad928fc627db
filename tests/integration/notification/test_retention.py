"""The worker's job removes old messages and deliveries with their attempts; others are kept."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from integration.notification.service import Service
from notification_service.adapters.unit_of_work import NotificationUnitOfWork
from notification_service.application.sending_ports import Attempt
from notification_service.domain.delivery import Outcome
from notification_service.domain.message import address_to
from servicekit.runtime import Every
from unit.notification.builders import delivery, subscription


async def test_the_job_removes_what_is_older_than_the_setting(
    service: Service, uow: Callable[[], NotificationUnitOfWork], engine: AsyncEngine
) -> None:
    messages = address_to("round_opened", ["r"], ["p-1", "p-2", "p-3"], {})
    one = subscription()
    posts = [delivery(one.subscription_id) for _ in range(3)]
    async with uow() as tx:
        now = await tx.now()
        await tx.messages.add(messages, now - timedelta(days=200))
        await tx.subscriptions.add(one)
        await tx.deliveries.add(posts)
        for days, message, post in zip((91, 89), messages, posts, strict=False):
            settled_at = now - timedelta(days=days)
            accepted = Outcome("accepted")
            sent, _ = message.settled(accepted, "email", settled_at, [], 0.5)
            await tx.messages.save([sent], settled_at)
            await tx.deliveries.save([post.settled(accepted, settled_at, [], 0.5)], settled_at)
            for item_id in (message.message_id, post.delivery_id):
                await tx.attempts.add([Attempt(item_id, 1, settled_at, 1, accepted)])
    (job,) = [
        component
        for component in service.app.components(["worker"])
        if isinstance(component, Every) and component.name == "retention"
    ]
    await job.job()

    async def listed(path: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = (await service.ask("GET", path)).json()["items"]
        return sorted(items, key=lambda item: item["status"])

    for path, id_, kept in (
        ("/messages", "message_id", [messages[2].reference, messages[1].reference]),
        ("/deliveries", "delivery_id", [posts[2].delivery_id, posts[1].delivery_id]),
    ):
        waiting, sent_lately = await listed(path)
        assert [waiting[id_], sent_lately[id_]] == [str(one) for one in kept]
        assert [attempt["result"] for attempt in sent_lately["attempts"]] == ["accepted"]
    async with engine.connect() as connection:
        assert await connection.scalar(text("select count(*) from attempts")) == 2
