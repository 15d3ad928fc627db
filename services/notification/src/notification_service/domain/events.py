"""Domain events. None contains a recipient, an address or a URL."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class MessageSent:
    message_id: UUID
    template: str
    channel: str


@dataclass(frozen=True, slots=True)
class MessageFailed:
    message_id: UUID
    template: str
    channel: str
    reason: str


@dataclass(frozen=True, slots=True)
class SubscriptionDisabled:
    subscription_id: UUID
    reason: str


DomainEvent = MessageSent | MessageFailed | SubscriptionDisabled
