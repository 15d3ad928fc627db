"""Webhooks to endpoints that fail in many ways: sent again, given up, redelivered, never lost."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from integration.notification.conftest import Start
from integration.notification.receiver import Receiver, Request, answering, endless_body
from integration.notification.webhooks import (
    QUICK,
    deliveries,
    publish,
    recorded,
    subscribe,
    subscription,
)
from support.eventually import eventually


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
        for number, receiver in enumerate([hanging, endless, *[good] * 10]):
            await subscribe(service, receiver, url=f"{receiver.url}/{number}")
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
    brief = {**QUICK, "lease_seconds": 3.0}
    dying = start(webhook=brief)
    async with Receiver() as receiver:
        await subscribe(dying, receiver)
        await publish(dying)
        lane = dying.app._webhook_lane()
        (claim,) = await lane.claim(10)
        await lane.deliver(claim, monotonic())
        successor = start(webhook=brief)

        async def sent() -> list[dict[str, Any]]:
            return await deliveries(successor, status="sent")

        async with successor.sending():
            (delivery,) = await eventually(sent)
        assert receiver.ids() == [delivery["delivery_id"]] * 2
        assert [a["number"] for a in delivery["attempts"]] == [2]
