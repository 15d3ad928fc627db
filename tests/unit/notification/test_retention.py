"""Old messages and deliveries are removed, however many; those that wait are kept."""

from dataclasses import replace
from datetime import timedelta

from notification_service.application.retention import remove_old
from notification_service.domain.message import address_to
from unit.notification.builders import NOW
from unit.notification.fake_store import Store
from unit.notification.fakes import FakeUnitOfWork


async def test_everything_old_goes_in_several_transactions() -> None:
    store = Store(now=NOW + timedelta(days=90))
    began = 0

    def uow() -> FakeUnitOfWork:
        nonlocal began
        began += 1
        return FakeUnitOfWork(store)

    messages = address_to("round_opened", ["r"], [f"p-{n}" for n in range(2_102)], {})
    tx = FakeUnitOfWork(store)
    await tx.messages.add(messages, NOW)
    await tx.messages.save([replace(m, status="sent") for m in messages[2:]], NOW)
    await tx.messages.save([replace(messages[1], status="sent")], NOW + timedelta(days=1))
    store.now += timedelta(hours=1)
    await remove_old(uow, timedelta(days=90))
    assert set(store.messages) == {messages[0].message_id, messages[1].message_id}
    assert began == 3
