"""What the use cases need from outside. Adapters implement these; fakes pass the same tests."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar
from uuid import UUID

from notification_service.domain.delivery import Outcome
from notification_service.domain.events import DomainEvent
from notification_service.domain.message import Message, TemplateName
from notification_service.domain.recipient import Language, Recipient
from notification_service.domain.subscription import Delivery, Subscription

Clock = Callable[[], datetime]

ItemT = TypeVar("ItemT", contravariant=True)


class PageOf(Protocol):
    """Which part of a list is asked for."""

    @property
    def offset(self) -> int: ...

    @property
    def limit(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Content:
    """A rendered message."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Mail:
    """A message as it goes out. `message_id` becomes the Message-ID, the same at every attempt."""

    message_id: UUID
    to_name: str
    to_address: str
    language: str
    content: Content


@dataclass(frozen=True, slots=True)
class WebhookPost:
    """A delivery as it goes out: signed once with each secret."""

    delivery_id: UUID
    url: str
    body: str
    secrets: tuple[str, ...]


class Channel(Protocol[ItemT]):
    """A way to the outside. Sends from committed rows only, never inside a transaction."""

    name: str

    async def send(self, item: ItemT) -> Outcome:
        """Try once, within a deadline. Never raises for what the other side does."""

    async def rest(self) -> None:
        """Nothing to send for now: give back connections."""


class Templates(Protocol):
    """The texts of the messages, in every language."""

    def render(
        self, template: TemplateName, language: Language, variables: Mapping[str, str]
    ) -> Content:
        """The message in one language. Every variable of the template must be given."""


class Telemetry(Protocol):
    def sending(
        self, what: str, traceparent: str | None, **attributes: str
    ) -> AbstractContextManager[object]:
        """A span that continues the trace of the row."""

    def attempted(self, channel: str, result: str) -> None:
        """Count one attempt."""


@dataclass(frozen=True, slots=True)
class ClaimedMessage:
    """A message that this process may send until its lease ends, with what it needs for that.

    `traceparent` is the trace in which the message was stored.
    """

    message: Message
    traceparent: str | None
    recipient: Recipient | None
    unit_name: str | None


@dataclass(frozen=True, slots=True)
class ClaimedDelivery:
    """A delivery that this process may send until its lease ends.

    `traceparent` is the trace in which the delivery was stored.
    """

    delivery: Delivery
    traceparent: str | None
    subscription: Subscription


@dataclass(frozen=True, slots=True)
class Attempt:
    """A line of the delivery log. `item_id` is a message's or a delivery's."""

    item_id: UUID
    number: int
    started_at: datetime
    duration_ms: int
    outcome: Outcome


class Recipients(Protocol):
    async def all_locked(self) -> dict[str, Recipient]:
        """Everyone; a second import waits until this transaction ends."""

    async def save(self, recipients: Sequence[Recipient]) -> None:
        """Insert or replace, assignments included."""

    async def remove(self, recipient_id: str) -> bool:
        """Delete the person with all assignments; False if unknown."""

    async def of_unit(self, unit_id: str) -> list[str]:
        """Ids of the unit's employees and of its manager, as far as they are known."""

    async def managers_of(self, unit_id: str) -> list[str]:
        """Who manages the unit: the workflow service's word, else the imported assignments."""

    async def managers(self) -> list[str]:
        """Ids of all managers, of whatever unit."""

    async def administrators(self) -> list[str]: ...


class Units(Protocol):
    async def remember(self, unit_id: str, name: str, version: int) -> None:
        """Keep the newest version; an older one changes nothing."""

    async def known(self) -> set[str]: ...

    async def assign_manager(self, unit_id: str, manager_id: str, version: int) -> str | None:
        """Keep the newest manager. Returns the one replaced, or None if nobody was."""


class Messages(Protocol):
    async def add(self, messages: Sequence[Message], now: datetime) -> None:
        """Store new messages, due now; an id that exists already is left as it is."""

    async def claim(self, now: datetime, lease: timedelta, limit: int) -> list[ClaimedMessage]:
        """Take due messages for `lease`; nobody else gets them until then."""

    async def held(self, claims: Iterable[ClaimedMessage]) -> set[UUID]:
        """Lock those that nobody has claimed since, and return their ids."""

    async def save(self, messages: Sequence[Message], now: datetime) -> None: ...

    async def remove_settled(self, before: datetime, limit: int) -> int:
        """Delete so many sent and failed ones, with their log; return how many there were."""


class Subscriptions(Protocol):
    async def add(self, subscription: Subscription) -> None: ...

    async def get(self, subscription_id: UUID, owner: str | None) -> Subscription | None:
        """Locked. None also for somebody else's; without `owner`, anybody's."""

    async def lock(self, subscription_ids: Iterable[UUID]) -> dict[UUID, Subscription]: ...

    async def save(self, subscription: Subscription) -> None: ...

    async def remove(self, subscription_id: UUID) -> None:
        """Delete it with its deliveries and their log."""

    async def active(self) -> list[Subscription]: ...


class Deliveries(Protocol):
    async def add(self, deliveries: Sequence[Delivery]) -> None:
        """Store new deliveries, due now; an id that exists already is left as it is."""

    async def get(self, delivery_id: UUID, owner: str | None) -> Delivery | None:
        """Locked, with its subscription. None also for somebody else's."""

    async def claim(
        self, now: datetime, lease: timedelta, limit: int, per_subscription: int
    ) -> list[ClaimedDelivery]:
        """Take due deliveries of active subscriptions, few enough of each at a time."""

    async def held(self, claims: Iterable[ClaimedDelivery]) -> set[UUID]:
        """Lock those that nobody has claimed since, and return their ids."""

    async def save(self, deliveries: Sequence[Delivery], now: datetime) -> None: ...

    async def remove_settled(self, before: datetime, limit: int) -> int:
        """Delete so many sent and failed ones, with their log; return how many there were."""


class Attempts(Protocol):
    async def add(self, attempts: Sequence[Attempt]) -> None: ...


class UnitOfWork(Protocol):
    """One transaction. A use case gets it open and never commits."""

    recipients: Recipients
    units: Units
    messages: Messages
    subscriptions: Subscriptions
    deliveries: Deliveries
    attempts: Attempts

    async def now(self) -> datetime:
        """When the transaction began, by the database's clock: the one that all processes share."""

    def record(self, event: DomainEvent, cause: str | None = None) -> None:
        """Publish the event if, and only if, the transaction commits.

        `cause` is the trace context that it continues; by default the current one.
        """


OpenUnitOfWork = Callable[[], AbstractAsyncContextManager[UnitOfWork]]
"""Begins a unit of work, which commits on a clean exit."""
