"""Webhooks from the event to the verified delivery."""

from uuid import UUID

import pytest
from standardwebhooks import WebhookVerificationError

from integration.notification.conftest import Start
from integration.notification.receiver import Receiver
from integration.notification.webhooks import WAVE, publish, subscribe
from support.eventually import eventually


async def test_every_delivery_verifies_also_while_the_secret_changes(start: Start) -> None:
    service = start(webhook={"rotation_overlap_hours": 1})
    async with Receiver() as receiver, service.sending():
        made = await subscribe(service, receiver)
        before = made["secret"]

        async def arrived(count: int) -> None:
            async def all_here() -> bool:
                return len(receiver.requests) == count

            await eventually(all_here)

        await publish(service, 20)
        await arrived(20)
        path = f"/subscriptions/{made['subscription_id']}/rotate-secret"
        rotated = (await service.ask("POST", path)).json()
        await publish(service, 20)
        await arrived(40)
        for request in receiver.requests:
            assert request.verify(before)["type"] == WAVE
        for request in receiver.requests[20:]:
            assert request.verify(rotated["secret"])["type"] == WAVE
        with pytest.raises(WebhookVerificationError):
            receiver.requests[0].verify(rotated["secret"])
        assert len(set(receiver.ids())) == 40
        assert rotated["secret_generation"] == 2
        assert rotated["previous_secret_until"]


async def test_a_test_send_arrives(start: Start) -> None:
    service = start()
    async with Receiver() as receiver, service.sending():
        made = await subscribe(service, receiver)
        path = f"/subscriptions/{made['subscription_id']}/test"
        queued = (await service.ask("POST", path)).json()

        async def arrived() -> bool:
            return len(receiver.requests) == 1

        await eventually(arrived)
    assert receiver.ids() == [queued["delivery_id"]]
    body = receiver.requests[0].verify(made["secret"])
    assert (body["type"], body["data"]) == ("notification.test", {})
    assert UUID(queued["delivery_id"])
