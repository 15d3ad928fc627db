"""What operators are shown of mails and webhooks that wait."""

from collections.abc import Callable
from dataclasses import replace

from integration.notification.service import Service
from notification_service.adapters.unit_of_work import NotificationUnitOfWork
from notification_service.domain.message import address_to
from unit.notification.builders import NOW, delivery, subscription

UnitOfWork = Callable[[], NotificationUnitOfWork]


async def test_mails_and_webhooks_that_wait_are_counted(service: Service) -> None:
    async def waiting() -> dict[str, tuple[int, bool]]:
        answer = await service.ask("GET", "/operation")
        assert answer.status_code == 200, answer.text
        return {
            one["kind"]: (one["count"], bool(one["oldest_at"])) for one in answer.json()["backlogs"]
        }

    found = await waiting()
    assert (found["mails"], found["webhooks"]) == ((0, False), (0, False))
    one, disabled = subscription(), subscription()
    disabled = replace(disabled, disabled_reason="gone")
    async with service.app.uow() as tx:
        await tx.messages.add(address_to("round_opened", ["r"], ["p-1", "p-2"], {}), NOW)
        for each in (one, disabled):
            await tx.subscriptions.add(each)
            await tx.deliveries.add([delivery(each.subscription_id)])
    found = await waiting()
    assert (found["mails"], found["webhooks"]) == ((2, True), (1, True))
