"""The inputs of the use cases."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class RememberUnit:
    unit_id: str
    name: str
    version: int


@dataclass(frozen=True, slots=True)
class InviteToRound:
    round_id: UUID
    release_id: UUID
    unit_id: str
    occasion: str
    opens_at: datetime
    closes_at: datetime
    together: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InviteJoiners:
    """Somebody belongs to the unit who did not before."""

    unit_id: str


@dataclass(frozen=True, slots=True)
class AnnounceExtension:
    """The round's true closing time, which replaces the one in the invitation."""

    round_id: UUID
    unit_id: str
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class EndInvitations:
    """The round is closed, by its time or before it."""

    round_id: UUID


@dataclass(frozen=True, slots=True)
class AnnounceResults:
    """The results of the unit's round are out, shown or hidden."""

    round_id: UUID
    rollout_id: UUID
    unit_id: str


@dataclass(frozen=True, slots=True)
class AnnounceModules:
    rollout_id: UUID
    unit_id: str


@dataclass(frozen=True, slots=True)
class AnnounceManager:
    unit_id: str


@dataclass(frozen=True, slots=True)
class RemindOfEnd:
    """Nobody stands in by this delegation any more after `ends_on`."""

    delegation_id: UUID
    ends_on: date


@dataclass(frozen=True, slots=True)
class CallForPerson:
    """A gate waits for an administrator. `evaluation_id` identifies one evaluation of the gate."""

    evaluation_id: UUID
    rollout_id: UUID


@dataclass(frozen=True, slots=True)
class ReportStuckJourney:
    """A unit cannot go on. `event_id` is the event's; `code` is why another service refuses."""

    event_id: UUID
    unit_id: str
    code: str


@dataclass(frozen=True, slots=True)
class AnnounceDecision:
    decision_id: UUID
    rollout_id: UUID


@dataclass(frozen=True, slots=True)
class Broadcast:
    """An external event for all subscriptions to its type. `data` is its JSON as published."""

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
    """Identifies a subscription. `owner` is None for a caller who may change all of them."""

    subscription_id: UUID
    owner: str | None


@dataclass(frozen=True, slots=True)
class ChangeSubscription:
    """What is None stays as it is."""

    on: OnSubscription
    url: str | None
    event_types: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class SendTest:
    """`event_type` is None for the first published type of the subscription."""

    on: OnSubscription
    event_type: str | None


@dataclass(frozen=True, slots=True)
class Redeliver:
    delivery_id: UUID
    owner: str | None
