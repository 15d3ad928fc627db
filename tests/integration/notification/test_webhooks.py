"""Webhooks from the event to the verified delivery, with endpoints that fail in every way."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from standardwebhooks import WebhookVerificationError

from integration.notification.conftest import Start
from integration.notification.receiver import Receiver, Request, answering, endless_body
from integration.notification.service import Service
from notification_service.application.commands import Broadcast
from notification_service.application.subscription_handlers import broadcast
from support.eventually import eventually

WAVE = "external.wave.started.v1"
DAY = 24 * 3600
QUICK = {"retry_seconds": [0.1, 0.1, 0.1], "deadline_seconds": 1.0, "timeout_seconds": 0.5}


async def subscribe(service: Service, receiver: Receiver, **changes: Any) -> dict[str, Any]:
    body = {"url": receiver.url, "event_types": ["external.*"], **changes}
    answer = await service.ask("POST", "/subscriptions", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def publish(service: Service, count: int = 1) -> None:
    async with service.app.uow() as uow:
        for number in range(count):
            data = f'{{"wave": {number}}}'
            command = Broadcast(uuid4(), WAVE, datetime.now(UTC), data, None)
            await broadcast(command, uow, service.app.webhooks)


async def deliveries(service: Service, **query: Any) -> list[dict[str, Any]]:
    answer = await service.ask("GET", "/deliveries", params={"limit": 200, **query})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def subscription(service: Service, subscription_id: str) -> dict[str, Any]:
    listed = (await service.ask("GET", "/subscriptions")).json()["items"]
    return next(s for s in listed if s["subscription_id"] == subscription_id)


async def recorded(service: Service, event_type: str) -> int:
    connection = await asyncpg.connect(service.settings.db.dsn.get_secret_value())
    try:
        count: int = await connection.fetchval(
            "select count(*) from outbox where type = $1", event_type
        )
        return count
    finally:
        await connection.close()


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


async def test_failures_are_tried_again_with_the_same_id(start: Start) -> None:
    service = start(webhook=QUICK)
    answers = iter([500, 302, 503])

    async def moody(request: Any, writer: asyncio.StreamWriter) -> None:
        await answering(next(answers, 200))(request, writer)

    async with Receiver(moody) as receiver, service.sending():
        await subscribe(service, receiver)
        await publish(service)

        async def sent() -> list[dict[str, Any]]:
            return await deliveries(service, status="sent")

        (delivery,) = await eventually(sent)
    assert receiver.ids() == [delivery["delivery_id"]] * 4
    log = [(a["number"], a["result"], a["status_code"]) for a in delivery["attempts"]]
    assert log == [(1, "retry", 500), (2, "retry", 302), (3, "retry", 503), (4, "accepted", 200)]


async def test_retry_after_is_honoured(start: Start) -> None:
    service = start(webhook=QUICK)
    async with Receiver(answering(429, "retry-after: 60")) as receiver, service.sending():
        await subscribe(service, receiver)
        await publish(service)

        async def postponed() -> bool:
            (delivery,) = await deliveries(service, status="pending")
            return len(delivery["attempts"]) == 1

        await eventually(postponed)
        (delivery,) = await deliveries(service)
    due = datetime.fromisoformat(delivery["next_attempt_at"])
    assert 55 < (due - datetime.now(UTC)).total_seconds() < 60
    assert len(receiver.requests) == 1


async def test_gone_disables_and_enabling_sends_what_waited(start: Start) -> None:
    service = start(webhook={**QUICK, "per_subscription": 1})
    async with Receiver(answering(410)) as receiver, service.sending():
        made = await subscribe(service, receiver)
        await publish(service, 3)

        async def disabled() -> bool:
            found = await subscription(service, made["subscription_id"])
            return str(found["status"]) == "disabled"

        await eventually(disabled)
        assert len(receiver.requests) == 1
        assert (await subscription(service, made["subscription_id"]))["disabled_reason"] == "gone"
        assert await recorded(service, "notification.subscription.disabled.v1") == 1
        await publish(service)
        assert len(await deliveries(service)) == 3
        receiver.behaviour = answering(200)
        test = await service.ask("POST", f"/subscriptions/{made['subscription_id']}/test")
        assert (test.status_code, test.json()["code"]) == (409, "subscription-disabled")
        path = f"/subscriptions/{made['subscription_id']}/enable"
        assert (await service.ask("POST", path)).json()["status"] == "active"

        async def caught_up() -> bool:
            return len(await deliveries(service, status="sent")) == 2

        await eventually(caught_up)
        (lost,) = await deliveries(service, status="failed")
        again = await service.ask("POST", f"/deliveries/{lost['delivery_id']}/redeliver")
        assert again.status_code == 202

        async def complete() -> bool:
            return len(await deliveries(service, status="sent")) == 3

        await eventually(complete)
    assert Counter(receiver.ids())[lost["delivery_id"]] == 2


async def test_a_silent_endpoint_is_given_up_listed_and_replayable(start: Start) -> None:
    service = start(webhook=QUICK)
    async with Receiver(answering(500)) as receiver, service.sending():
        made = await subscribe(service, receiver)
        await publish(service)

        async def given_up() -> list[dict[str, Any]]:
            return await deliveries(service, status="failed")

        (failed,) = await eventually(given_up)
        assert failed["reason"] == "retries-exhausted"
        assert len(failed["attempts"]) == len(receiver.requests) == 4
        disabled = await subscription(service, made["subscription_id"])
        assert disabled["disabled_reason"] == "retries-exhausted"
        receiver.behaviour = answering(200)
        path = f"/subscriptions/{made['subscription_id']}/enable"
        assert (await service.ask("POST", path)).status_code == 200
        await service.ask("POST", f"/deliveries/{failed['delivery_id']}/redeliver")

        async def sent() -> list[dict[str, Any]]:
            return await deliveries(service, status="sent")

        (replayed,) = await eventually(sent)
    assert [a["number"] for a in replayed["attempts"]] == [1, 2, 3, 4, 5]
    assert set(receiver.ids()) == {failed["delivery_id"]}


async def test_a_hanging_and_an_endless_endpoint_harm_nobody(start: Start) -> None:
    """Two of twelve endpoints misbehave; the others get everything while one still hangs."""
    patient = {"timeout_seconds": 60, "deadline_seconds": 70, "lease_seconds": 80}
    service = start(webhook={"concurrency": 16, "per_subscription": 2, **patient})
    events, release = 10, asyncio.Event()

    async def hang_until_released(_: Request, writer: asyncio.StreamWriter) -> None:
        await release.wait()
        writer.close()

    async with (
        Receiver(hang_until_released) as hanging,
        Receiver(endless_body) as endless,
        Receiver() as good,
        service.sending(),
    ):
        for receiver in [hanging, endless, *[good] * 10]:
            await subscribe(service, receiver)
        begun = monotonic()
        await publish(service, events)

        async def all_here() -> bool:
            return len(good.requests) == 10 * events and len(endless.requests) == events

        await eventually(all_here, within=30)
        print(f"{len(good.requests)} good deliveries in {monotonic() - begun:.2f} s")
        assert (len(hanging.requests), hanging.at_once) == (2, 2)
        assert len(set(good.ids())) == 10 * events
        release.set()


async def test_a_crash_after_posting_repeats_the_id(start: Start) -> None:
    brief = {**QUICK, "lease_seconds": 1.2}
    dying = start(webhook=brief)
    async with Receiver() as receiver:
        await subscribe(dying, receiver)
        await publish(dying)
        lane = dying.app._webhook_lane()
        (claim,) = await lane.claim(10)
        await lane.deliver(claim)
        successor = start(webhook=brief)

        async def sent() -> list[dict[str, Any]]:
            return await deliveries(successor, status="sent")

        async with successor.sending():
            (delivery,) = await eventually(sent)
        assert receiver.ids() == [delivery["delivery_id"]] * 2
        assert [a["number"] for a in delivery["attempts"]] == [2]


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
