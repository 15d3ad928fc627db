"""Use cases about webhook subscriptions and their deliveries. They never commit."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from notification_service.application.commands import (
    Broadcast,
    OnSubscription,
    Redeliver,
    Subscribe,
)
from notification_service.application.ports import UnitOfWork
from notification_service.domain.egress import EgressPolicy
from notification_service.domain.errors import DomainError
from notification_service.domain.ids import derived_id
from notification_service.domain.secret import Keyring, SecretVersion
from notification_service.domain.subscription import (
    Delivery,
    Subscription,
    check_registration,
)

TEST_EVENT = "notification.test"


@dataclass(frozen=True, slots=True)
class WebhookRules:
    """Settings for subscriptions: event types, permitted addresses, signing keys and overlap."""

    published: frozenset[str]
    egress: EgressPolicy
    keyring: Keyring
    rotation_overlap: timedelta


async def subscribe(command: Subscribe, uow: UnitOfWork, rules: WebhookRules) -> Subscription:
    """Register a subscription. Raises DomainError `subscription-invalid`."""
    check_registration(command.url, command.event_types, rules.published, rules.egress)
    subscription = Subscription(
        subscription_id=uuid4(),
        owner=command.owner,
        url=command.url,
        event_types=tuple(sorted(set(command.event_types))),
        created_at=await uow.now(),
        secret=SecretVersion(1, rules.keyring.current_id),
    )
    await uow.subscriptions.add(subscription)
    return subscription


async def unsubscribe(command: OnSubscription, uow: UnitOfWork) -> None:
    """Delete a subscription with its deliveries. Raises DomainError `unknown-subscription`."""
    subscription = await _subscription(command, uow)
    await uow.subscriptions.remove(subscription.subscription_id)


async def rotate_secret(
    command: OnSubscription, uow: UnitOfWork, rules: WebhookRules
) -> Subscription:
    """Replace the secret; both sign during the overlap.

    Raises DomainError `unknown-subscription`.
    """
    subscription = await _subscription(command, uow)
    rotated = subscription.rotated(
        rules.keyring.current_id, await uow.now(), rules.rotation_overlap
    )
    await uow.subscriptions.save(rotated)
    return rotated


async def enable(command: OnSubscription, uow: UnitOfWork) -> Subscription:
    """Resume sending; deliveries that waited are sent now.

    Raises DomainError `unknown-subscription` or `subscription-active`.
    """
    enabled = (await _subscription(command, uow)).enabled()
    await uow.subscriptions.save(enabled)
    return enabled


async def send_test(command: OnSubscription, uow: UnitOfWork) -> Delivery:
    """Queue a delivery without content.

    Raises DomainError `unknown-subscription` or `subscription-disabled`.
    """
    subscription = await _subscription(command, uow)
    subscription.require_active()
    now = await uow.now()
    event_id = uuid4()
    delivery = Delivery(
        delivery_id=derived_id(event_id, subscription.subscription_id),
        subscription_id=subscription.subscription_id,
        event_type=TEST_EVENT,
        body=_body(event_id, TEST_EVENT, now, b"{}"),
        created_at=now,
        next_attempt_at=now,
    )
    await uow.deliveries.add([delivery])
    return delivery


async def redeliver(command: Redeliver, uow: UnitOfWork) -> Delivery:
    """Send a delivery once more, with the same webhook-id.

    Raises DomainError `unknown-delivery`, `delivery-pending` or `subscription-disabled`.
    """
    delivery = await uow.deliveries.get(command.delivery_id, command.owner)
    if delivery is None:
        detail = f"There is no delivery {command.delivery_id}."
        raise DomainError("unknown-delivery", "not_found", detail)
    on_subscription = OnSubscription(delivery.subscription_id, command.owner)
    (await _subscription(on_subscription, uow)).require_active()
    now = await uow.now()
    again = delivery.again(now)
    await uow.deliveries.save([again], now)
    return again


async def broadcast(command: Broadcast, uow: UnitOfWork) -> None:
    """Queue one delivery for each active subscription to the event's type."""
    now = await uow.now()
    body = _body(command.event_id, command.event_type, command.occurred_at, command.data)
    wanting = [s for s in await uow.subscriptions.active() if s.wants(command.event_type)]
    await uow.deliveries.add(
        [
            Delivery(
                delivery_id=derived_id(command.event_id, s.subscription_id),
                subscription_id=s.subscription_id,
                event_type=command.event_type,
                body=body,
                created_at=now,
                next_attempt_at=now,
            )
            for s in wanting
        ]
    )


async def _subscription(command: OnSubscription, uow: UnitOfWork) -> Subscription:
    """Lock and return it. Raises DomainError `unknown-subscription`, also for another owner's."""
    found = await uow.subscriptions.get(command.subscription_id, command.owner)
    if found is None:
        detail = f"There is no subscription {command.subscription_id}."
        raise DomainError("unknown-subscription", "not_found", detail)
    return found


def _body(event_id: UUID, event_type: str, occurred_at: datetime, data: bytes) -> str:
    """The Standard Webhooks payload (type, timestamp, data), with the event's own id and bytes."""
    head = json.dumps(
        {"id": str(event_id), "type": event_type, "timestamp": occurred_at.isoformat()}
    )
    return f'{head[:-1]}, "data": {data.decode()}}}'
