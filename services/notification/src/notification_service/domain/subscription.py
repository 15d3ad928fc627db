"""Webhook subscriptions of other systems to external events, and the deliveries to them.

A delivery's id is its webhook-id. The same event for the same subscription always has the same id,
so that a receiver can recognise a repeated delivery.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from notification_service.domain.delivery import Outcome, Status, judge
from notification_service.domain.egress import EgressPolicy, EgressRefused
from notification_service.domain.endpoint import endpoint_of
from notification_service.domain.errors import DomainError
from notification_service.domain.events import SubscriptionDisabled
from notification_service.domain.secret import RetiredSecret, SecretVersion

DisabledReason = Literal["gone", "retries-exhausted"]
GONE: DisabledReason = "gone"
EXHAUSTED: DisabledReason = "retries-exhausted"
MOST_SECRETS = 5
"""Secrets of one subscription that sign at a time, so that a header stays short."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """Which events to send where. `owner` is the caller that registered it."""

    subscription_id: UUID
    owner: str
    url: str
    event_types: tuple[str, ...]
    created_at: datetime
    secret: SecretVersion
    retired: tuple[RetiredSecret, ...] = ()
    disabled_reason: DisabledReason | None = None
    last_success_at: datetime | None = None

    @property
    def status(self) -> Literal["active", "disabled"]:
        return "disabled" if self.disabled_reason else "active"

    def wants(self, event_type: str) -> bool:
        """Whether it is a subscription to events of this type."""
        return any(matches(pattern, event_type) for pattern in self.event_types)

    def doubles(self, other: "Subscription", published: frozenset[str]) -> list[str]:
        """The published types that both send to the same endpoint."""
        if endpoint_of(self.url) != endpoint_of(other.url):
            return []
        return sorted(one for one in published if self.wants(one) and other.wants(one))

    def signing_versions(self, now: datetime) -> list[SecretVersion]:
        """The secrets to sign with: the current one, then retired ones until their time."""
        return [self.secret, *(retired.version for retired in self._still_signing(now))]

    def rotated(self, key_id: str, now: datetime, overlap: timedelta) -> "Subscription":
        """The subscription with a new secret; the current one keeps signing for `overlap`.

        Those retired before keep the time promised for them.
        Raises DomainError `too-many-secrets`.
        """
        kept = self._still_signing(now)
        if 1 + len(kept) >= MOST_SECRETS:
            possible = min(retired.until for retired in kept).isoformat(timespec="seconds")
            detail = (
                f"{MOST_SECRETS} secrets of the subscription sign already, each until the time"
                f" promised for it. The next rotation is possible from {possible}."
            )
            raise DomainError("too-many-secrets", "conflict", detail)
        return replace(
            self,
            secret=SecretVersion(self.secret.generation + 1, key_id),
            retired=(RetiredSecret(self.secret, now + overlap), *kept),
        )

    def _still_signing(self, now: datetime) -> tuple[RetiredSecret, ...]:
        return tuple(retired for retired in self.retired if now < retired.until)

    def require_active(self) -> None:
        """Raises DomainError `subscription-disabled`."""
        if self.disabled_reason:
            detail = f"The subscription is disabled ({self.disabled_reason}). Enable it first."
            raise DomainError("subscription-disabled", "conflict", detail)

    def disabled(
        self, reason: DisabledReason
    ) -> tuple["Subscription", SubscriptionDisabled | None]:
        """The subscription after sending has stopped; no event if it had stopped before."""
        if self.disabled_reason:
            return self, None
        event = SubscriptionDisabled(self.subscription_id, reason)
        return replace(self, disabled_reason=reason), event

    def enabled(self) -> "Subscription":
        """The subscription after sending has resumed.

        Raises DomainError `subscription-active`.
        """
        if not self.disabled_reason:
            detail = "The subscription is active already."
            raise DomainError("subscription-active", "conflict", detail)
        return replace(self, disabled_reason=None)

    def after(
        self, delivery: "Delivery", now: datetime
    ) -> tuple["Subscription", SubscriptionDisabled | None]:
        """The subscription after an attempt at a delivery, which may have disabled it.

        It is disabled if the endpoint is gone, or if the delivery is given up and no other has
        succeeded since it was created.
        """
        if delivery.status == "sent":
            return replace(self, last_success_at=now), None
        if delivery.status == "failed" and delivery.reason == GONE:
            return self.disabled(GONE)
        if delivery.status == "failed" and not self._succeeded_since(delivery.created_at):
            return self.disabled(EXHAUSTED)
        return self, None

    def _succeeded_since(self, moment: datetime) -> bool:
        return self.last_success_at is not None and self.last_success_at >= moment


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one subscription. `body` is the exact text that is signed and sent."""

    delivery_id: UUID
    subscription_id: UUID
    event_type: str
    body: str
    created_at: datetime
    status: Status = "pending"
    attempt: int = 0
    step: int = 0
    next_attempt_at: datetime | None = None
    reason: str = ""

    def settled(
        self, outcome: Outcome, now: datetime, table: Sequence[float], jitter: float
    ) -> "Delivery":
        """The delivery after an attempt."""
        verdict = judge(outcome, self.step, now, table, jitter)
        return replace(
            self,
            status=verdict.status,
            reason=verdict.reason,
            step=verdict.step,
            next_attempt_at=verdict.next_attempt_at,
        )

    def again(self, now: datetime) -> "Delivery":
        """The delivery, sent or given up before, to be sent again with the same id.

        Raises DomainError `delivery-pending`.
        """
        if self.status == "pending":
            detail = "The delivery is waiting to be sent already."
            raise DomainError("delivery-pending", "conflict", detail)
        return replace(self, status="pending", step=0, next_attempt_at=now, reason="")


def check_registration(
    url: str,
    event_types: Sequence[str],
    published: frozenset[str],
    retired: Mapping[str, str],
    egress: EgressPolicy,
) -> None:
    """Raises DomainError `subscription-invalid` with all faults.

    `retired` has what takes the place of a type that is not published any more.
    """
    errors = []
    try:
        egress.check_url(url)
    except EgressRefused as error:
        errors.append({"pointer": "/url", "detail": f"{error}."})
    if not event_types:
        errors.append({"pointer": "/event_types", "detail": "Give at least one event type."})
    for index, pattern in enumerate(event_types):
        if not any(matches(pattern, known) for known in published):
            known_types = ", ".join(sorted(published))
            detail = f"{pattern!r} is not a published event type. Published: {known_types}."
            if pattern in retired:
                detail = f"{pattern!r} is not published any more. Instead: {retired[pattern]}."
            errors.append({"pointer": f"/event_types/{index}", "detail": detail})
    if errors:
        detail = "The subscription cannot be registered."
        raise DomainError("subscription-invalid", "invalid", detail, errors)


def matches(pattern: str, event_type: str) -> bool:
    """Whether a subscribed type, exact or ending in `.*`, includes an event type."""
    if pattern.endswith(".*"):
        return event_type.startswith(pattern[:-1])
    return pattern == event_type
