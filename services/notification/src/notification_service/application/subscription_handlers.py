"""Use cases about webhook subscriptions and their deliveries. They never commit."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from notification_service.application.commands import (
    Broadcast,
    ChangeSubscription,
    OnSubscription,
    Redeliver,
    SendTest,
    Subscribe,
)
from notification_service.application.ports import UnitOfWork
from notification_service.domain.egress import EgressPolicy
from notification_service.domain.endpoint import host_and_port
from notification_service.domain.errors import DomainError
from notification_service.domain.ids import derived_id
from notification_service.domain.secret import Keyring, SecretVersion
from notification_service.domain.subscription import (
    Delivery,
    Subscription,
    check_registration,
)


@dataclass(frozen=True, slots=True)
class WebhookRules:
    """Settings for subscriptions: permitted addresses, signing keys and overlap.

    `samples` has an example of each published event type, as JSON; `retired` has what
    takes the place of a type that is not published any more.
    """

    samples: Mapping[str, bytes]
    retired: Mapping[str, str]
    egress: EgressPolicy
    keyring: Keyring
    rotation_overlap: timedelta

    @property
    def published(self) -> frozenset[str]:
        """The event types that a subscription can contain."""
        return frozenset(self.samples)

    def check(self, url: str, event_types: Sequence[str]) -> None:
        """Raises DomainError `subscription-invalid` with all faults."""
        check_registration(url, event_types, self.published, self.retired, self.egress)


async def subscribe(command: Subscribe, uow: UnitOfWork, rules: WebhookRules) -> Subscription:
    """Register a subscription.

    Raises DomainError `subscription-invalid` or `subscription-exists`.
    """
    rules.check(command.url, command.event_types)
    subscription = Subscription(
        subscription_id=uuid4(),
        owner=command.owner,
        url=command.url,
        event_types=tuple(sorted(set(command.event_types))),
        created_at=await uow.now(),
        secret=SecretVersion(1, rules.keyring.current_id),
    )
    await _refuse_double(subscription, uow, rules)
    await uow.subscriptions.add(subscription)
    after = {"owner": subscription.owner, **_noted(subscription)}
    uow.audit("subscriptions.change/subscribe", _subject(subscription), after=after)
    return subscription


async def change_subscription(
    command: ChangeSubscription, uow: UnitOfWork, rules: WebhookRules
) -> Subscription:
    """Change the address or the event types; what waits to be sent goes to the new address.

    Raises DomainError `unknown-subscription`, `subscription-invalid` or `subscription-exists`.
    """
    before = await _subscription(command.on, uow)
    url = before.url if command.url is None else command.url
    event_types = before.event_types if command.event_types is None else command.event_types
    rules.check(url, event_types)
    changed = replace(before, url=url, event_types=tuple(sorted(set(event_types))))
    await _refuse_double(changed, uow, rules)
    await uow.subscriptions.save(changed)
    if changed != before:
        address = {"changed": ["url"]} if changed.url != before.url else {}
        after = {**_noted(changed), **address}
        action = "subscriptions.change/change_subscription"
        uow.audit(action, _subject(before), _noted(before), after)
    return changed


async def unsubscribe(command: OnSubscription, uow: UnitOfWork) -> None:
    """Delete a subscription with its deliveries. Raises DomainError `unknown-subscription`."""
    subscription = await _subscription(command, uow)
    await uow.subscriptions.remove(subscription.subscription_id)
    before = {"owner": subscription.owner, **_noted(subscription)}
    uow.audit("subscriptions.change/unsubscribe", _subject(subscription), before)


async def rotate_secret(
    command: OnSubscription, uow: UnitOfWork, rules: WebhookRules
) -> Subscription:
    """Replace the secret; the one before signs too during the overlap.

    Raises DomainError `unknown-subscription` or `too-many-secrets`.
    """
    subscription = await _subscription(command, uow)
    rotated = subscription.rotated(
        rules.keyring.current_id, await uow.now(), rules.rotation_overlap
    )
    await uow.subscriptions.save(rotated)
    before = {"generation": subscription.secret.generation}
    after = {"generation": rotated.secret.generation}
    uow.audit("subscriptions.change/rotate_secret", _subject(subscription), before, after)
    return rotated


async def enable(command: OnSubscription, uow: UnitOfWork) -> Subscription:
    """Resume sending; deliveries that waited are sent now.

    Raises DomainError `unknown-subscription` or `subscription-active`.
    """
    disabled = await _subscription(command, uow)
    enabled = disabled.enabled()
    await uow.subscriptions.save(enabled)
    before = {"status": disabled.status, "disabled_reason": disabled.disabled_reason}
    uow.audit("deliveries.resume/enable", _subject(enabled), before, {"status": enabled.status})
    return enabled


async def send_test(command: SendTest, uow: UnitOfWork, rules: WebhookRules) -> Delivery:
    """Queue a delivery of a published sample, marked as a test.

    Raises DomainError `unknown-subscription`, `subscription-disabled` or `not-subscribed`.
    """
    subscription = await _subscription(command.on, uow)
    subscription.require_active()
    wanted = sorted(one for one in rules.published if subscription.wants(one))
    event_type = command.event_type or next(iter(wanted), "")
    if event_type not in wanted:
        detail = f"The subscription is not to {event_type}. It is to: {', '.join(wanted)}."
        raise DomainError("not-subscribed", "conflict", detail)
    now = await uow.now()
    event_id = uuid4()
    delivery = Delivery(
        delivery_id=derived_id(event_id, subscription.subscription_id),
        subscription_id=subscription.subscription_id,
        event_type=event_type,
        body=_body(event_id, event_type, now, rules.samples[event_type], test=True),
        created_at=now,
        next_attempt_at=now,
    )
    await uow.deliveries.add([delivery])
    after = {"delivery_id": delivery.delivery_id, "event_type": event_type}
    uow.audit("subscriptions.change/send_test", _subject(subscription), after=after)
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
    about = {"subscription_id": again.subscription_id, "event_type": again.event_type}
    uow.audit(
        "deliveries.resume/redeliver",
        f"delivery/{again.delivery_id}",
        {"status": delivery.status},
        {**about, "status": again.status},
    )
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


async def _refuse_double(subscription: Subscription, uow: UnitOfWork, rules: WebhookRules) -> None:
    """Raises DomainError `subscription-exists` if the owner has the same events sent there."""
    for other in await uow.subscriptions.of_owner_locked(subscription.owner):
        if other.subscription_id == subscription.subscription_id:
            continue
        if common := other.doubles(subscription, rules.published):
            detail = (
                f"Subscription {other.subscription_id} sends {', '.join(common)} to this address"
                " already. Change that one, or leave out these types."
            )
            raise DomainError("subscription-exists", "conflict", detail)


def _subject(subscription: Subscription) -> str:
    return f"subscription/{subscription.subscription_id}"


def _noted(subscription: Subscription) -> dict[str, Any]:
    """A subscription as the audit trail has it. Path and query of its address may hold a token."""
    host, port = host_and_port(subscription.url)
    return {"host": host, "port": port, "event_types": subscription.event_types}


def _body(
    event_id: UUID, event_type: str, occurred_at: datetime, data: bytes, test: bool = False
) -> str:
    """The Standard Webhooks payload (type, timestamp, data), with the event's own id and bytes."""
    head: dict[str, object] = {
        "id": str(event_id),
        "type": event_type,
        "timestamp": occurred_at.isoformat(),
    }
    if test:
        head["test"] = True
    return f'{json.dumps(head)[:-1]}, "data": {data.decode()}}}'
