"""The ports in memory, held to the same scenarios as PostgreSQL (see port_scenarios)."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from notification_service.application import ports
from notification_service.application.ports import (
    Attempt,
    ClaimedDelivery,
    ClaimedMessage,
    Mail,
    WebhookPost,
)
from notification_service.domain.delivery import Outcome, Result
from notification_service.domain.errors import UnknownDelivery, UnknownSubscription
from notification_service.domain.message import Message
from notification_service.domain.recipient import Recipient
from notification_service.domain.subscription import Delivery, Subscription


@dataclass
class Store:
    """What the fake database holds."""

    people: dict[str, Recipient] = field(default_factory=dict)
    unit_names: dict[str, tuple[str, int]] = field(default_factory=dict)
    unit_managers: dict[str, tuple[str, int]] = field(default_factory=dict)
    messages: dict[UUID, Message] = field(default_factory=dict)
    subscriptions: dict[UUID, Subscription] = field(default_factory=dict)
    deliveries: dict[UUID, Delivery] = field(default_factory=dict)
    claimed_until: dict[UUID, datetime] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)
    recorded: list[object] = field(default_factory=list)


class FakeRecipients:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def all_locked(self) -> dict[str, Recipient]:
        return dict(sorted(self._store.people.items()))

    async def save(self, recipients: Sequence[Recipient]) -> None:
        self._store.people |= {recipient.recipient_id: recipient for recipient in recipients}

    async def remove(self, recipient_id: str) -> bool:
        return self._store.people.pop(recipient_id, None) is not None

    async def of_unit(self, unit_id: str) -> list[str]:
        employees = self._holding("employee", unit_id)
        return sorted({*employees, *await self.managers_of(unit_id)})

    async def managers_of(self, unit_id: str) -> list[str]:
        if unit_id in self._store.unit_managers:
            manager = self._store.unit_managers[unit_id][0]
            return [manager] if manager in self._store.people else []
        return sorted(self._holding("manager", unit_id))

    async def managers(self) -> list[str]:
        units = {a.unit_id for person in self._store.people.values() for a in person.assignments}
        found = {m for unit in {*units, *self._store.unit_managers} for m in await self._of(unit)}
        return sorted(found)

    async def _of(self, unit_id: str) -> list[str]:
        return await self.managers_of(unit_id)

    async def administrators(self) -> list[str]:
        return sorted(self._holding("administrator", ""))

    def _holding(self, role: str, unit_id: str) -> set[str]:
        return {
            person.recipient_id
            for person in self._store.people.values()
            if any((a.role, a.unit_id) == (role, unit_id) for a in person.assignments)
        }


class FakeUnits:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def remember(self, unit_id: str, name: str, version: int) -> None:
        if self._store.unit_names.get(unit_id, ("", 0))[1] < version:
            self._store.unit_names[unit_id] = (name, version)

    async def known(self) -> set[str]:
        return set(self._store.unit_names)

    async def assign_manager(self, unit_id: str, manager_id: str, version: int) -> str | None:
        before, seen = self._store.unit_managers.get(unit_id, (None, 0))
        if seen >= version:
            return None
        self._store.unit_managers[unit_id] = (manager_id, version)
        return before if before != manager_id else None


class FakeMessages:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def add(self, messages: Sequence[Message], now: datetime) -> None:
        for message in messages:
            due = replace(message, next_attempt_at=now)
            self._store.messages.setdefault(message.message_id, due)

    async def claim(self, now: datetime, lease: timedelta, limit: int) -> list[ClaimedMessage]:
        claimed = []
        for message in _due(self._store.messages.values(), now)[:limit]:
            taken = replace(message, attempt=message.attempt + 1, next_attempt_at=now + lease)
            self._store.messages[message.message_id] = taken
            name = self._store.unit_names.get(message.facts.get("unit_id", ""))
            claimed.append(
                ClaimedMessage(
                    message=taken,
                    lease_until=now + lease,
                    recipient=self._store.people.get(message.recipient_id),
                    unit_name=name[0] if name else None,
                )
            )
        return claimed

    async def held(self, claims: Iterable[ClaimedMessage]) -> set[UUID]:
        wanted = {claim.message.message_id: claim.message.attempt for claim in claims}
        return {
            id_ for id_, attempt in wanted.items() if _holds(self._store.messages[id_], attempt)
        }

    async def save(self, messages: Sequence[Message], now: datetime) -> None:
        self._store.messages |= {message.message_id: message for message in messages}


class FakeSubscriptions:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def add(self, subscription: Subscription) -> None:
        self._store.subscriptions[subscription.subscription_id] = subscription

    async def get(self, subscription_id: UUID, owner: str | None) -> Subscription:
        found = self._store.subscriptions.get(subscription_id)
        if found is None or owner not in (None, found.owner):
            raise UnknownSubscription(f"There is no subscription {subscription_id}.")
        return replace(found)

    async def lock(self, subscription_ids: Iterable[UUID]) -> dict[UUID, Subscription]:
        known = self._store.subscriptions
        return {id_: replace(known[id_]) for id_ in subscription_ids if id_ in known}

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


class FakeDeliveries:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def add(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            self._store.deliveries.setdefault(delivery.delivery_id, delivery)

    async def get(self, delivery_id: UUID, owner: str | None) -> Delivery:
        found = self._store.deliveries.get(delivery_id)
        if found is None or owner not in (
            None,
            self._store.subscriptions[found.subscription_id].owner,
        ):
            raise UnknownDelivery(f"There is no delivery {delivery_id}.")
        return found

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
        for delivery in _due(store.deliveries.values(), now):
            if room.get(delivery.subscription_id, 0) < 1 or len(claimed) == limit:
                continue
            room[delivery.subscription_id] -= 1
            taken = replace(delivery, attempt=delivery.attempt + 1, next_attempt_at=now + lease)
            store.deliveries[delivery.delivery_id] = taken
            store.claimed_until[delivery.delivery_id] = now + lease
            subscription = replace(store.subscriptions[delivery.subscription_id])
            claimed.append(ClaimedDelivery(taken, now + lease, subscription))
        return claimed

    async def held(self, claims: Iterable[ClaimedDelivery]) -> set[UUID]:
        wanted = {c.delivery.delivery_id: c.delivery.attempt for c in claims}
        known = self._store.deliveries
        return {id_ for id_, n in wanted.items() if id_ in known and _holds(known[id_], n)}

    async def save(self, deliveries: Sequence[Delivery], now: datetime) -> None:
        for delivery in deliveries:
            self._store.deliveries[delivery.delivery_id] = delivery
            self._store.claimed_until.pop(delivery.delivery_id, None)


class FakeAttempts:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def add(self, attempts: Sequence[Attempt]) -> None:
        self._store.attempts += attempts


class FakeUnitOfWork:
    """Keeps what it is given; there is no rollback, for no test here needs one."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.recipients: ports.Recipients = FakeRecipients(store)
        self.units: ports.Units = FakeUnits(store)
        self.messages: ports.Messages = FakeMessages(store)
        self.subscriptions: ports.Subscriptions = FakeSubscriptions(store)
        self.deliveries: ports.Deliveries = FakeDeliveries(store)
        self.attempts: ports.Attempts = FakeAttempts(store)

    def record(self, event: object) -> None:
        self.store.recorded.append(event)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        return


class FakeChannel:
    """Answers each thing sent with the next outcome; keeps what it was given."""

    name = "fake"

    def __init__(self, *outcomes: Outcome | Exception) -> None:
        self._outcomes = list(outcomes)
        self.sent: list[Any] = []

    async def send(self, item: Mail | WebhookPost) -> Outcome:
        self.sent.append(item)
        outcome = self._outcomes.pop(0) if self._outcomes else Outcome(Result.ACCEPTED)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def rest(self) -> None:
        return


class FakeTelemetry:
    def __init__(self) -> None:
        self.traces: list[str | None] = []
        self.results: list[tuple[str, str]] = []

    @contextmanager
    def sending(self, what: str, traceparent: str | None, **attributes: str) -> Iterator[None]:
        self.traces.append(traceparent)
        yield

    def attempted(self, channel: str, result: str) -> None:
        self.results.append((channel, result))


def _due(rows: Iterable[Any], now: datetime) -> list[Any]:
    due = [row for row in rows if row.status == "pending" and row.next_attempt_at <= now]
    return sorted(due, key=lambda row: row.next_attempt_at)


def _holds(row: Message | Delivery, attempt: int) -> bool:
    return row.status == "pending" and row.attempt == attempt
