"""What the use cases need to send mails and webhooks. Adapters and fakes pass the same tests."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, TypeVar
from uuid import UUID

from notification_service.domain.contact import Contact, Language
from notification_service.domain.delivery import Outcome
from notification_service.domain.message import Message, TemplateName
from notification_service.domain.subscription import Delivery, Subscription

ItemT = TypeVar("ItemT", contravariant=True)


@dataclass(frozen=True, slots=True)
class Content:
    """A rendered message."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail to be sent at `at`. `message_id` becomes the Message-ID, the same at every attempt."""

    message_id: UUID
    at: datetime
    to_name: str
    to_address: str
    language: str
    content: Content


@dataclass(frozen=True, slots=True)
class WebhookPost:
    """A webhook to be sent at `at`, signed once with each secret."""

    delivery_id: UUID
    at: datetime
    url: str
    body: str
    secrets: tuple[str, ...]


class Channel(Protocol[ItemT]):
    """Sends mails or webhooks. Called only for committed rows, and outside any transaction."""

    name: str

    async def send(self, item: ItemT) -> Outcome:
        """Try once. A failure on the other side is an outcome, never an exception."""

    async def close_idle(self) -> None:
        """Close connections that are not in use; called when there is nothing to send."""


class Templates(Protocol):
    """The texts of the messages, in every language."""

    def render(
        self, template: TemplateName, language: Language, variables: Mapping[str, str]
    ) -> Content:
        """The message in one language. `variables` must contain every variable of the template."""


class Telemetry(Protocol):
    """Traces and counters of sending."""

    def sending(
        self, what: str, traceparent: str | None, url: str | None = None, **ids: str
    ) -> AbstractContextManager[Callable[[Outcome], None]]:
        """A span that continues the trace of the row; call what it gives with the outcome.

        It is of a request to `url`, or else of a mail.
        """

    def attempted(self, channel: str, result: str) -> None:
        """Count one attempt."""


@dataclass(frozen=True, slots=True)
class ClaimedMessage:
    """A message that this process may send until its lease ends.

    `claimed_at` is by the database's clock; `traceparent` is the trace in which it was stored.
    `contact` is "gone" if there is no such person, and "unknown" as long as nobody has said.
    """

    message: Message
    claimed_at: datetime
    traceparent: str | None
    unit_names: Mapping[str, str]
    contact: Contact | Literal["gone", "unknown"] = "unknown"


@dataclass(frozen=True, slots=True)
class ClaimedDelivery:
    """A delivery that this process may send until its lease ends.

    `claimed_at` is by the database's clock; `traceparent` is the trace in which it was stored.
    """

    delivery: Delivery
    claimed_at: datetime
    traceparent: str | None
    subscription: Subscription


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt in the log. `item_id` is the id of a message or a delivery."""

    item_id: UUID
    number: int
    started_at: datetime
    duration_ms: int
    outcome: Outcome
