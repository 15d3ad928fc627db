"""Messages, subscriptions, deliveries and the log of attempts in memory."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from notification_service.application.sending_ports import Attempt, ClaimedDelivery, ClaimedMessage
from notification_service.domain.message import Message
from notification_service.domain.reported_together import unit_ids
from notification_service.domain.subscription import Delivery, Subscription
from unit.notification.fake_store import Store, due, holds, keep_trace, remove_settled, settle


class FakeMessages:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def add(self, messages: Sequence[Message], now: datetime) -> None:
        for message in messages:
            due = replace(message, next_attempt_at=now)
            self._store.messages.setdefault(message.message_id, due)
            keep_trace(self._store, message.message_id)

    async def correct(self, message_ids: Iterable[UUID], facts: Mapping[str, str]) -> None:
        for id_ in message_ids:
            if (known := self._store.messages.get(id_)) and known.status == "pending":
                self._store.messages[id_] = replace(known, facts={**known.facts, **facts})

    async def add_fact(self, round_id: UUID, name: str, value: str) -> None:
        about = [
            m for m in self._store.messages.values() if m.facts.get("round_id") == str(round_id)
        ]
        await self.correct([message.message_id for message in about], {name: value})

    async def claim(self, now: datetime, lease: timedelta, limit: int) -> list[ClaimedMessage]:
        claimed = []
        for message in due(self._store.messages.values(), now)[:limit]:
            taken = replace(message, attempt=message.attempt + 1, next_attempt_at=now + lease)
            self._store.messages[message.message_id] = taken
            known = self._store.unit_names
            claimed.append(
                ClaimedMessage(
                    message=taken,
                    claimed_at=now,
                    traceparent=self._store.traces[message.message_id],
                    unit_names={u: known[u][0] for u in unit_ids(message.facts) if u in known},
                )
            )
        return claimed

    async def held(self, claims: Iterable[ClaimedMessage]) -> set[UUID]:
        wanted = {claim.message.message_id: claim.message.attempt for claim in claims}
        return {id_ for id_, attempt in wanted.items() if holds(self._store.messages[id_], attempt)}

    async def save(self, messages: Sequence[Message], now: datetime) -> None:
        self._store.messages |= {message.message_id: message for message in messages}
        settle(self._store, messages, now)

    async def remove_settled(self, before: datetime, limit: int) -> int:
        return remove_settled(self._store, self._store.messages, before, limit)


class FakeSubscriptions:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def add(self, subscription: Subscription) -> None:
        self._store.subscriptions[subscription.subscription_id] = subscription

    async def get(self, subscription_id: UUID, owner: str | None) -> Subscription | None:
        found = self._store.subscriptions.get(subscription_id)
        return found if found and owner in (None, found.owner) else None

    async def lock(self, subscription_ids: Iterable[UUID]) -> dict[UUID, Subscription]:
        known = self._store.subscriptions
        return {id_: known[id_] for id_ in subscription_ids if id_ in known}

    async def save(self, subscription: Subscription) -> None:
        if subscription.subscription_id in self._store.subscriptions:
            self._store.subscriptions[subscription.subscription_id] = subscription

    async def remove(self, subscription_id: UUID) -> None:
        del self._store.subscriptions[subscription_id]
        self._store.deliveries = {
            id_: delivery
            for id_, delivery in self._store.deliveries.items()
            if delivery.subscription_id != subscription_id
        }

    async def active(self) -> list[Subscription]:
        return [s for s in self._store.subscriptions.values() if s.status == "active"]

    async def of_owner_locked(self, owner: str) -> list[Subscription]:
        return [s for s in self._store.subscriptions.values() if s.owner == owner]


class FakeDeliveries:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def add(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            self._store.deliveries.setdefault(delivery.delivery_id, delivery)
            keep_trace(self._store, delivery.delivery_id)

    async def get(self, delivery_id: UUID, owner: str | None) -> Delivery | None:
        found = self._store.deliveries.get(delivery_id)
        if found is None:
            return None
        owned = owner in (None, self._store.subscriptions[found.subscription_id].owner)
        return found if owned else None

    async def claim(
        self, now: datetime, lease: timedelta, limit: int, per_subscription: int
    ) -> list[ClaimedDelivery]:
        store = self._store
        claimed: list[ClaimedDelivery] = []
        under_way = [store.deliveries[i] for i, t in store.claimed_until.items() if t > now]
        room = {
            id_: per_subscription - sum(d.subscription_id == id_ for d in under_way)
            for id_, subscription in store.subscriptions.items()
            if subscription.status == "active"
        }
        for delivery in due(store.deliveries.values(), now):
            if room.get(delivery.subscription_id, 0) < 1 or len(claimed) == limit:
                continue
            room[delivery.subscription_id] -= 1
            taken = replace(delivery, attempt=delivery.attempt + 1, next_attempt_at=now + lease)
            store.deliveries[delivery.delivery_id] = taken
            store.claimed_until[delivery.delivery_id] = now + lease
            subscription = store.subscriptions[delivery.subscription_id]
            traceparent = store.traces[delivery.delivery_id]
            claimed.append(ClaimedDelivery(taken, now, traceparent, subscription))
        return claimed

    async def held(self, claims: Iterable[ClaimedDelivery]) -> set[UUID]:
        wanted = {c.delivery.delivery_id: c.delivery.attempt for c in claims}
        known = self._store.deliveries
        return {id_ for id_, n in wanted.items() if id_ in known and holds(known[id_], n)}

    async def save(self, deliveries: Sequence[Delivery], now: datetime) -> None:
        for delivery in deliveries:
            self._store.deliveries[delivery.delivery_id] = delivery
            self._store.claimed_until.pop(delivery.delivery_id, None)
        settle(self._store, deliveries, now)

    async def remove_settled(self, before: datetime, limit: int) -> int:
        return remove_settled(self._store, self._store.deliveries, before, limit)


class FakeAttempts:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def add(self, attempts: Sequence[Attempt]) -> None:
        self._store.attempts += attempts
