"""Webhooks from the event to the verified delivery."""

from typing import Any
from uuid import UUID

import pytest
from standardwebhooks import WebhookVerificationError

from integration.notification.conftest import Start
from integration.notification.receiver import Receiver, answering
from integration.notification.service import Service
from integration.notification.webhooks import QUICK, WAVE, publish, subscribe
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


async def sample_of(service: Service, event_type: str) -> Any:
    listed = (await service.ask("GET", "/event-types", as_="subscriber")).json()
    (one,) = [known for known in listed if known["event_type"] == event_type]
    assert one["json_schema"]["type"] == "object"
    return one["sample"]


async def test_a_delivery_is_shown_as_it_was_sent(start: Start) -> None:
    service = start(webhook=QUICK)
    async with Receiver(answering(410)) as receiver, service.sending():
        made = await subscribe(service, receiver, event_types=[WAVE])
        path = f"/subscriptions/{made['subscription_id']}/test"
        path = f"/deliveries/{(await service.ask('POST', path)).json()['delivery_id']}"

        async def ended() -> Any:
            shown = (await service.ask("GET", path)).json()
            return shown if shown["status"] == "failed" else None

        shown = await eventually(ended)
    (request,), (attempt,) = receiver.requests, shown["attempts"]
    assert shown["body"] == request.body
    sent = {header["name"]: header["value"] for header in attempt["request"]["headers"]}
    assert sent.items() <= request.headers.items()
    assert attempt["request"]["url"] == receiver.url
    assert (attempt["response"]["status_code"], attempt["response"]["body"]) == (410, "ok")
    assert attempt["explanation"] == shown["explanation"] != ""
    assert made["secret"].removeprefix("whsec_") not in str(shown)


async def test_every_retired_secret_verifies_until_its_time(service: Service) -> None:
    """Rotated five times; the sixth is refused, and what was promised stays."""
    async with Receiver() as receiver, service.sending():
        made = await subscribe(service, receiver)
        path, secrets = f"/subscriptions/{made['subscription_id']}", [made["secret"]]
        for _ in range(4):
            rotated = (await service.ask("POST", f"{path}/rotate-secret")).json()
            secrets.append(rotated["secret"])
        refused = await service.ask("POST", f"{path}/rotate-secret")
        assert (refused.status_code, refused.json()["code"]) == (409, "too-many-secrets")
        shown = (await service.ask("GET", path)).json()
        assert [one["generation"] for one in shown["retired_secrets"]] == [4, 3, 2, 1]
        assert shown["previous_secret_until"] == shown["retired_secrets"][0]["until"]
        await publish(service)

        async def arrived() -> bool:
            return len(receiver.requests) == 1

        await eventually(arrived)
    for secret in secrets:
        assert receiver.requests[0].verify(secret)["type"] == WAVE


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
    assert (body["type"], body["test"]) == (queued["event_type"], True)
    assert body["data"] == await sample_of(service, queued["event_type"])
    assert UUID(queued["delivery_id"])
