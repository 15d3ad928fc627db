"""View models, and the port that returns them. None contains the text of a mail."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from notification_service.application.ports import PageOf
from notification_service.application.round_ports import OpenRound
from notification_service.domain.delivery import Exchange, Result, Status
from notification_service.domain.subscription import Subscription


@dataclass(frozen=True, slots=True)
class AttemptView:
    number: int
    started_at: datetime
    duration_ms: int
    result: Result
    reason: str
    status_code: int | None
    exchange: Exchange | None = None


@dataclass(frozen=True, slots=True)
class MessageView:
    """`recipient_id` is None where others could find out by it who was not invited to a round."""

    message_id: UUID
    template: str
    recipient_id: str | None
    unit_id: str | None
    status: Status
    reason: str
    created_at: datetime
    settled_at: datetime | None
    next_attempt_at: datetime | None
    attempts: list[AttemptView]


@dataclass(frozen=True, slots=True)
class DeliveryView:
    delivery_id: UUID
    subscription_id: UUID
    event_type: str
    body: str
    status: Status
    reason: str
    created_at: datetime
    settled_at: datetime | None
    next_attempt_at: datetime | None
    attempts: list[AttemptView]


class Queries(Protocol):
    """Lists in pages. Each returns one page's items, and how many there are on all pages.

    `owner` is None for a caller who may see everything.
    """

    async def messages(
        self, status: Status | None, template: str | None, page: PageOf
    ) -> tuple[list[MessageView], int]: ...

    async def over_cap(self, page: PageOf) -> tuple[list[OpenRound], int]:
        """Open rounds to which some of the unit are not invited because of the cap."""

    async def subscriptions(
        self, owner: str | None, page: PageOf
    ) -> tuple[list[Subscription], int]: ...

    async def subscription(
        self, owner: str | None, subscription_id: UUID
    ) -> Subscription | None: ...

    async def delivery(self, owner: str | None, delivery_id: UUID) -> DeliveryView | None: ...

    async def deliveries(
        self, owner: str | None, subscription_id: UUID | None, status: Status | None, page: PageOf
    ) -> tuple[list[DeliveryView], int]: ...
