"""Use cases about webhooks: subscriptions, and deliveries of events to them. They never commit."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from notification_service.application.commands import (
    Broadcast,
    OnSubscription,
    Redeliver,
    Subscribe,
)
from notification_service.application.ports import Clock, UnitOfWork
from notification_service.domain.egress import EgressPolicy
from notification_service.domain.ids import derived_id
from notification_service.domain.secret import Keyring, SecretVersion
from notification_service.domain.subscription import (
    Delivery,
    Subscription,
    check_registration,
    matches,
)

TEST_EVENT = "notification.test"


@dataclass(frozen=True)
class WebhookRules:
    """What the region has set: which events exist, where to, with which keys and overlap."""

    published: frozenset[str]
    egress: EgressPolicy
    keyring: Keyring
    rotation_overlap: timedelta
    clock: Clock


async def subscribe(command: Subscribe, uow: UnitOfWork, rules: WebhookRules) -> Subscription:
    """Register a subscription. Raises SubscriptionInvalid."""
    check_registration(command.url, command.event_types, rules.published, rules.egress)
    subscription = Subscription(
        subscription_id=uuid4(),
        owner=command.owner,
        url=command.url,
        event_types=tuple(sorted(set(command.event_types))),
        created_at=rules.clock(),
        secret=SecretVersion(1, rules.keyring.current_id),
    )
    await uow.subscriptions.add(subscription)
    return subscription


async def unsubscribe(command: OnSubscription, uow: UnitOfWork) -> None:
    """Forget a subscription and its deliveries. Raises UnknownSubscription."""
    subscription = await uow.subscriptions.get(command.subscription_id, command.owner)
    await uow.subscriptions.remove(subscription.subscription_id)


async def rotate_secret(
    command: OnSubscription, uow: UnitOfWork, rules: WebhookRules
) -> Subscription:
    """A new secret; both sign during the overlap. Raises UnknownSubscription."""
    subscription = await uow.subscriptions.get(command.subscription_id, command.owner)
    subscription.rotate(rules.keyring.current_id, rules.clock(), rules.rotation_overlap)
    await uow.subscriptions.save(subscription)
    return subscription


async def enable(command: OnSubscription, uow: UnitOfWork) -> Subscription:
    """Send again; what was waiting goes out now.

    Raises UnknownSubscription, SubscriptionIsActive.
    """
    subscription = await uow.subscriptions.get(command.subscription_id, command.owner)
    subscription.enable()
    await uow.subscriptions.save(subscription)
    return subscription


async def send_test(
    command: OnSubscription, uow: UnitOfWork, rules: WebhookRules, traceparent: str | None
) -> Delivery:
    """Queue a delivery that tells nothing. Raises UnknownSubscription, SubscriptionIsDisabled."""
    subscription = await uow.subscriptions.get(command.subscription_id, command.owner)
    subscription.require_active()
    now = rules.clock()
    delivery = Delivery(
        delivery_id=uuid4(),
        subscription_id=subscription.subscription_id,
        event_type=TEST_EVENT,
        body=_body(TEST_EVENT, now, "{}"),
        created_at=now,
        traceparent=traceparent,
        next_attempt_at=now,
    )
    await uow.deliveries.add([delivery])
    return delivery


async def redeliver(command: Redeliver, uow: UnitOfWork, rules: WebhookRules) -> Delivery:
    """Send a delivery once more, with the same webhook-id.

    Raises UnknownDelivery, DeliveryIsPending, SubscriptionIsDisabled.
    """
    delivery = await uow.deliveries.get(command.delivery_id, command.owner)
    (await uow.subscriptions.get(delivery.subscription_id, command.owner)).require_active()
    again = delivery.again(rules.clock())
    await uow.deliveries.save([again], rules.clock())
    return again


async def broadcast(command: Broadcast, uow: UnitOfWork, rules: WebhookRules) -> None:
    """One delivery for every active subscription that wants the event."""
    now = rules.clock()
    body = _body(command.event_type, command.occurred_at, command.data_json)
    wanting = [s for s in await uow.subscriptions.active() if _wants(s, command.event_type)]
    await uow.deliveries.add(
        [
            Delivery(
                delivery_id=derived_id(command.event_id, s.subscription_id),
                subscription_id=s.subscription_id,
                event_type=command.event_type,
                body=body,
                created_at=now,
                traceparent=command.traceparent,
                next_attempt_at=now,
            )
            for s in wanting
        ]
    )


def _wants(subscription: Subscription, event_type: str) -> bool:
    patterns: Sequence[str] = subscription.event_types
    return any(matches(pattern, event_type) for pattern in patterns)


def _body(event_type: str, occurred_at: datetime, data_json: str) -> str:
    """The Standard Webhooks payload: type, timestamp, data."""
    head = json.dumps({"type": event_type, "timestamp": occurred_at.isoformat()})
    return f'{head[:-1]}, "data": {data_json}}}'
