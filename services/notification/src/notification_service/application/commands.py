"""What the service can be asked to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from notification_service.domain.recipient_file import Fault, Row


@dataclass(frozen=True, slots=True)
class ImportRecipients:
    """Rows of a file, and what is wrong with its form."""

    rows: Sequence[Row]
    faults: Sequence[Fault]
    dry_run: bool


@dataclass(frozen=True, slots=True)
class ForgetRecipient:
    recipient_id: str


@dataclass(frozen=True, slots=True)
class RememberUnit:
    unit_id: str
    name: str
    version: int


@dataclass(frozen=True, slots=True)
class InviteToRound:
    round_id: UUID
    unit_id: str
    occasion: str
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class AnnounceModules:
    rollout_id: UUID
    unit_id: str


@dataclass(frozen=True, slots=True)
class AnnounceManager:
    unit_id: str
    manager_id: str
    version: int


@dataclass(frozen=True, slots=True)
class CallForPerson:
    """A gate waits for an administrator. `evaluation_id` tells evaluations of one gate apart."""

    evaluation_id: UUID
    rollout_id: UUID


@dataclass(frozen=True, slots=True)
class AnnounceDecision:
    decision_id: UUID
    rollout_id: UUID


@dataclass(frozen=True, slots=True)
class Broadcast:
    """An external event for every subscription to its type. `data` is its JSON as published."""

    event_id: UUID
    event_type: str
    occurred_at: datetime
    data: bytes


@dataclass(frozen=True, slots=True)
class Subscribe:
    owner: str
    url: str
    event_types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OnSubscription:
    """Names a subscription; `owner` is None for a caller who may touch all of them."""

    subscription_id: UUID
    owner: str | None


@dataclass(frozen=True, slots=True)
class Redeliver:
    delivery_id: UUID
    owner: str | None
