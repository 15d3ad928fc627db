"""Subscriptions and the deliveries that external events cause."""

import json
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from notification_service.application import subscription_handlers as handlers
from notification_service.application.commands import (
    Broadcast,
    ChangeSubscription,
    OnSubscription,
    Redeliver,
    SendTest,
    Subscribe,
)
from notification_service.domain.delivery import Outcome
from unit.notification.builders import NOW, RULES, WAVE, refused
from unit.notification.fake_store import Store
from unit.notification.fakes import FakeUnitOfWork


@pytest.fixture
def uow() -> FakeUnitOfWork:
    return FakeUnitOfWork(Store())


def subscribing(*event_types: str, owner: str = "issuer|hr", path: str = "events") -> Subscribe:
    return Subscribe(owner, f"https://hr.example.se/{path}", event_types)


def started() -> Broadcast:
    return Broadcast(uuid4(), WAVE, NOW, b'{"wave": 1}')


async def test_an_event_goes_once_to_each_subscription_that_wants_it(uow: FakeUnitOfWork) -> None:
    wanting = [
        await handlers.subscribe(subscribing(pattern, path=pattern), uow, RULES)
        for pattern in (WAVE, "external.wave.*", "external.*")
    ]
    await handlers.subscribe(subscribing("external.decision.published.v1"), uow, RULES)
    off = await handlers.subscribe(subscribing(WAVE, path="off"), uow, RULES)
    await uow.subscriptions.save(replace(off, disabled_reason="gone"))
    command = started()
    await handlers.broadcast(command, uow)
    await handlers.broadcast(command, uow)
    made = list(uow.store.deliveries.values())
    assert {d.subscription_id for d in made} == {s.subscription_id for s in wanting}
    assert len({d.delivery_id for d in made}) == len(made) == 3
    assert json.loads(made[0].body) == {
        "id": str(command.event_id),
        "type": WAVE,
        "timestamp": NOW.isoformat(),
        "data": {"wave": 1},
    }


async def test_a_wrong_registration_stores_nothing(uow: FakeUnitOfWork) -> None:
    with refused("subscription-invalid"):
        await handlers.subscribe(subscribing("workflow.unit.registered.v1"), uow, RULES)
    assert uow.store.subscriptions == {}


async def test_rotation_keeps_the_secret_before(uow: FakeUnitOfWork) -> None:
    one = await handlers.subscribe(subscribing(WAVE), uow, RULES)
    on = OnSubscription(one.subscription_id, "issuer|hr")
    rotated = await handlers.rotate_secret(on, uow, RULES)
    assert [v.generation for v in rotated.signing_versions(NOW)] == [2, 1]
    assert [v.generation for v in rotated.signing_versions(NOW + timedelta(days=2))] == [2]


async def test_nobody_touches_another_callers_subscription(uow: FakeUnitOfWork) -> None:
    one = await handlers.subscribe(subscribing(WAVE), uow, RULES)
    foreign = OnSubscription(one.subscription_id, "issuer|bi")
    for attempt in (
        handlers.unsubscribe(foreign, uow),
        handlers.rotate_secret(foreign, uow, RULES),
        handlers.enable(foreign, uow),
        handlers.send_test(SendTest(foreign, None), uow, RULES),
        handlers.change_subscription(ChangeSubscription(foreign, None, None), uow, RULES),
    ):
        with refused("unknown-subscription"):
            await attempt
    await handlers.unsubscribe(OnSubscription(one.subscription_id, None), uow)
    assert uow.store.subscriptions == {}


async def test_a_test_and_a_redelivery_need_an_active_subscription(uow: FakeUnitOfWork) -> None:
    one = await handlers.subscribe(subscribing(WAVE), uow, RULES)
    on = OnSubscription(one.subscription_id, "issuer|hr")
    sent = await handlers.send_test(SendTest(on, None), uow, RULES)
    body = json.loads(sent.body)
    assert (body["type"], body["test"], body["data"]) == (WAVE, True, {"wave": 1})
    with refused("not-subscribed"):
        await handlers.send_test(SendTest(on, "external.decision.published.v1"), uow, RULES)
    again = Redeliver(sent.delivery_id, "issuer|hr")
    with refused("delivery-pending"):
        await handlers.redeliver(again, uow)
    done = sent.settled(Outcome("accepted"), NOW, [5], 0.5)
    await uow.deliveries.save([done], NOW)
    assert (await handlers.redeliver(again, uow)).status == "pending"
    await uow.subscriptions.save(replace(one, disabled_reason="gone"))
    with refused("subscription-disabled"):
        await handlers.send_test(SendTest(on, None), uow, RULES)
    await uow.deliveries.save([done], NOW)
    with refused("subscription-disabled"):
        await handlers.redeliver(again, uow)
    assert (await handlers.enable(on, uow)).status == "active"


async def test_the_same_events_are_not_sent_twice_to_one_address(uow: FakeUnitOfWork) -> None:
    one = await handlers.subscribe(subscribing(WAVE), uow, RULES)
    with refused("subscription-exists") as caught:
        await handlers.subscribe(subscribing("external.*"), uow, RULES)
    assert caught.value.kind == "conflict"
    assert str(one.subscription_id) in caught.value.detail
    await handlers.subscribe(subscribing("external.*", owner="issuer|bi"), uow, RULES)
    other = await handlers.subscribe(subscribing("external.decision.*"), uow, RULES)
    on = OnSubscription(other.subscription_id, "issuer|hr")
    with refused("subscription-exists"):
        await handlers.change_subscription(ChangeSubscription(on, None, (WAVE,)), uow, RULES)
    assert len(uow.store.subscriptions) == 3


async def test_a_change_keeps_what_it_does_not_name(uow: FakeUnitOfWork) -> None:
    one = await handlers.subscribe(subscribing(WAVE), uow, RULES)
    on = OnSubscription(one.subscription_id, "issuer|hr")
    moved = ChangeSubscription(on, "https://new.example.se/", None)
    changed = await handlers.change_subscription(moved, uow, RULES)
    assert changed == replace(one, url="https://new.example.se/")
    more = ChangeSubscription(on, None, ("external.*", WAVE))
    assert (await handlers.change_subscription(more, uow, RULES)).event_types == (
        "external.*",
        WAVE,
    )
    with refused("subscription-invalid"):
        await handlers.change_subscription(ChangeSubscription(on, "http://x.se/", None), uow, RULES)
    assert uow.store.subscriptions[one.subscription_id].url == "https://new.example.se/"
