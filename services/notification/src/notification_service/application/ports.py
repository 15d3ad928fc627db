"""What the use cases need from outside. Adapters implement these; fakes pass the same tests.

Rounds are in `round_ports`, sending is in `sending_ports`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from notification_service.application.round_ports import Invitations, OpenRounds, Reminders
from notification_service.application.sending_ports import Attempt, ClaimedDelivery, ClaimedMessage
from notification_service.domain.contact import Contact
from notification_service.domain.events import DomainEvent
from notification_service.domain.message import Message
from notification_service.domain.subscription import Delivery, Subscription


class PageOf(Protocol):
    """Which part of a list is wanted."""

    @property
    def offset(self) -> int: ...

    @property
    def limit(self) -> int: ...


class PeopleUnavailable(ConnectionError):
    """The service that knows the people does not answer; trying again later may help."""


class ErasureUnknown(Exception):
    """The people service has no erasure of this id; trying again will not help."""


class Recipients(Protocol):
    """Whom something is for. Each raises PeopleUnavailable."""

    async def of_unit(self, unit_id: str) -> list[str]:
        """Ids of the unit's employees and those who lead it."""

    async def managers_of(self, unit_id: str) -> list[str]:
        """Ids of those who lead the unit."""

    async def new_managers_of(self, unit_id: str) -> list[str]:
        """Ids of the unit's managers who came with the last change."""

    async def managers(self) -> list[str]:
        """Ids of those who lead any unit."""

    async def of_delegation(self, delegation_id: UUID) -> list[str]:
        """Ids of who stands in and for whom; none if it was ended or is unknown."""

    async def administrators(self) -> list[str]:
        """Ids of the administrators of the whole region."""


class Contacts(Protocol):
    async def of(self, recipient_ids: Collection[str]) -> dict[str, Contact]:
        """How to reach those that there are, by id. Raises PeopleUnavailable."""


class Units(Protocol):
    async def remember(self, unit_id: str, name: str, version: int) -> None:
        """Store the unit's name, unless a newer version is stored."""


class Messages(Protocol):
    async def add(self, messages: Sequence[Message], now: datetime) -> None:
        """Store new messages, due at `now`; one with a known id changes nothing."""

    async def correct(self, message_ids: Iterable[UUID], facts: Mapping[str, str]) -> None:
        """Replace these facts in those of the messages that are not sent yet."""

    async def add_fact(self, round_id: UUID, name: str, value: str) -> None:
        """Add a fact to those of the messages about a round that are not sent yet."""

    async def claim(self, now: datetime, lease: timedelta, limit: int) -> list[ClaimedMessage]:
        """Claim due messages; no other process can claim them before `lease` ends."""

    async def held(self, claims: Iterable[ClaimedMessage]) -> set[UUID]:
        """Lock those that have not been claimed again since, and return their ids."""

    async def save(self, messages: Sequence[Message], now: datetime) -> None: ...

    async def remove_settled(self, before: datetime, limit: int) -> int:
        """Delete up to `limit` that ended before a time, with their attempts; return how many."""


class Subscriptions(Protocol):
    async def add(self, subscription: Subscription) -> None: ...

    async def get(self, subscription_id: UUID, owner: str | None) -> Subscription | None:
        """Lock and return it; None if it is unknown or belongs to another owner.

        Without `owner`, it may belong to anyone.
        """

    async def lock(self, subscription_ids: Iterable[UUID]) -> dict[UUID, Subscription]:
        """Lock and return those that exist, by id."""

    async def save(self, subscription: Subscription) -> None: ...

    async def remove(self, subscription_id: UUID) -> None:
        """Delete it with its deliveries and their attempts."""

    async def active(self) -> list[Subscription]: ...

    async def of_owner_locked(self, owner: str) -> list[Subscription]:
        """All of one owner. A second call for the owner waits until this transaction ends."""


class Deliveries(Protocol):
    async def add(self, deliveries: Sequence[Delivery]) -> None:
        """Store new deliveries; one with a known id changes nothing."""

    async def get(self, delivery_id: UUID, owner: str | None) -> Delivery | None:
        """As `Subscriptions.get` does, and with its subscription locked first."""

    async def claim(
        self, now: datetime, lease: timedelta, limit: int, per_subscription: int
    ) -> list[ClaimedDelivery]:
        """Claim due deliveries of active subscriptions.

        At most `per_subscription` deliveries of one subscription are under way at a time.
        """

    async def held(self, claims: Iterable[ClaimedDelivery]) -> set[UUID]:
        """Lock those that have not been claimed again since, and return their ids."""

    async def save(self, deliveries: Sequence[Delivery], now: datetime) -> None: ...

    async def remove_settled(self, before: datetime, limit: int) -> int:
        """Delete up to `limit` that ended before a time, with their attempts; return how many."""


class Attempts(Protocol):
    async def add(self, attempts: Sequence[Attempt]) -> None: ...


@dataclass(frozen=True, slots=True)
class Erased:
    """Who is to be forgotten, and by which words texts name them."""

    person_id: str
    words: Sequence[str]


class ErasedPersons(Protocol):
    """The people service, as far as it has somebody forgotten.

    Each raises PeopleUnavailable or ErasureUnknown.
    """

    async def erased(self, erasure_id: UUID) -> Erased | None:
        """Whom to forget; None if that has been confirmed."""

    async def confirm(self, erasure_id: UUID, rows: Mapping[str, int]) -> None:
        """Say how many rows were removed, by table. It may be repeated."""


class People(Recipients, ErasedPersons, Protocol):
    """What a unit of work asks the people service."""


class Erasures(Protocol):
    async def remove(self, erasure_id: UUID, erased: Erased) -> Mapping[str, int]:
        """Delete the messages to a person with their attempts, their invitations, stored answers
        that name them, and what reasons in the audit trail say of them; how many rows, by table.

        It waits for whoever asked for recipients, until the end of their transaction.
        """

    async def to_confirm(self, erasure_id: UUID, rows: Mapping[str, int]) -> None:
        """Remember to confirm an erasure."""

    async def unconfirmed(self) -> Mapping[UUID, Mapping[str, int]]:
        """Those that are to be confirmed, with how many rows were removed."""

    async def confirmed(self, erasure_id: UUID) -> None:
        """It needs no confirmation any more."""


@dataclass(frozen=True, slots=True)
class Held:
    """Nothing is sent, since when and why."""

    since: datetime
    reason: str


class Quarantine(Protocol):
    """While something is held, nothing can be claimed to be sent."""

    async def held(self) -> Held | None:
        """None if everything is sent as usual. It stays so until the end of the transaction."""

    async def hold(self, held: Held) -> None:
        """Send nothing more. What is held already stays as it is."""

    async def lift(self, sent_until: datetime | None, now: datetime) -> int:
        """Send again; messages from until a time, if one is given, count as sent. How many."""


class UnitOfWork(Protocol):
    """One transaction. A use case gets it open and never commits."""

    recipients: Recipients
    units: Units
    open_rounds: OpenRounds
    invitations: Invitations
    reminders: Reminders
    messages: Messages
    subscriptions: Subscriptions
    deliveries: Deliveries
    attempts: Attempts
    erasures: Erasures
    quarantine: Quarantine
    erased_persons: ErasedPersons

    async def now(self) -> datetime:
        """When the transaction began, by the database's clock: the one that all processes share."""

    def record(self, event: DomainEvent, cause: str | None = None) -> None:
        """Publish the event if, and only if, the transaction commits.

        `cause` is the trace context that it continues; by default the current one.
        """

    def audit(
        self,
        action: str,
        subject: str,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        reason: str = "",
    ) -> None:
        """Note what somebody does, in this transaction; nothing if the platform acts by itself.

        `action` is the permission and the operation of the API, `subject` what it is done to.
        Answers, free texts and secrets are never noted.
        """


OpenUnitOfWork = Callable[[], AbstractAsyncContextManager[UnitOfWork]]
"""Begins a unit of work, which commits on a clean exit."""
