"""What the fakes of the ports share: rows in memory, and functions to find some of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from notification_service.application.round_ports import OpenRound
from notification_service.application.sending_ports import Attempt
from notification_service.domain.events import DomainEvent
from notification_service.domain.load_cap import Invitation
from notification_service.domain.message import Message
from notification_service.domain.subscription import Delivery, Subscription
from servicekit import telemetry
from unit.notification.builders import NOW, Person


@dataclass
class Reminder:
    """A row of the table of reminders."""

    due_at: datetime | None = None
    reminded: int = 0
    tries: int = 0
    claimed_until: datetime | None = None


@dataclass
class Store:
    """What the fake database holds, and its clock."""

    now: datetime = NOW
    people: dict[str, Person] = field(default_factory=dict)
    unit_names: dict[str, tuple[str, int]] = field(default_factory=dict)
    new_managers: dict[str, list[str]] = field(default_factory=dict)
    delegations: dict[UUID, list[str]] = field(default_factory=dict)
    open_rounds: dict[UUID, OpenRound] = field(default_factory=dict)
    invitations: dict[tuple[str, UUID], Invitation] = field(default_factory=dict)
    reminders: dict[UUID, Reminder] = field(default_factory=dict)
    messages: dict[UUID, Message] = field(default_factory=dict)
    subscriptions: dict[UUID, Subscription] = field(default_factory=dict)
    deliveries: dict[UUID, Delivery] = field(default_factory=dict)
    to_forget: dict[UUID, str | None] = field(default_factory=dict)
    unconfirmed: dict[UUID, Mapping[str, int]] = field(default_factory=dict)
    settled_at: dict[UUID, datetime] = field(default_factory=dict)
    claimed_until: dict[UUID, datetime] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)
    recorded: list[DomainEvent] = field(default_factory=list)
    causes: list[str | None] = field(default_factory=list)
    traces: dict[UUID, str | None] = field(default_factory=dict)


def keep_trace(store: Store, row_id: UUID) -> None:
    """Store the trace in which a row was first stored."""
    store.traces.setdefault(row_id, telemetry.current_traceparent())


def due(rows: Iterable[Any], now: datetime) -> list[Any]:
    found = [row for row in rows if row.status == "pending" and row.next_attempt_at <= now]
    return sorted(found, key=lambda row: row.next_attempt_at)


def holds(row: Message | Delivery, attempt: int) -> bool:
    return row.status == "pending" and row.attempt == attempt


def settle(store: Store, rows: Sequence[Message] | Sequence[Delivery], now: datetime) -> None:
    """Store the time for those that are no longer pending."""
    for row in rows:
        if row.status == "pending":
            store.settled_at.pop(row_id(row), None)
        else:
            store.settled_at[row_id(row)] = now


def remove_settled(store: Store, rows: dict[UUID, Any], before: datetime, limit: int) -> int:
    """Delete rows settled before, oldest first, with their attempts."""
    settled = {id_: store.settled_at[id_] for id_ in rows if id_ in store.settled_at}
    old = sorted((id_ for id_, at in settled.items() if at < before), key=settled.__getitem__)
    for id_ in old[:limit]:
        del rows[id_], store.settled_at[id_]
    store.attempts = [a for a in store.attempts if a.item_id not in old[:limit]]
    return len(old[:limit])


def row_id(row: Message | Delivery) -> UUID:
    return row.message_id if isinstance(row, Message) else row.delivery_id
