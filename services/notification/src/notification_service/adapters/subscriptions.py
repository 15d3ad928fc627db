"""Webhook subscriptions and their deliveries, in PostgreSQL."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, delete, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from notification_service.adapters.outgoing import remove_settled
from notification_service.adapters.tables import AttemptRow, DeliveryRow, SubscriptionRow
from notification_service.application.ports import ClaimedDelivery
from notification_service.domain.secret import SecretVersion
from notification_service.domain.subscription import Delivery, Subscription
from servicekit import telemetry
from servicekit.db import table

_subscriptions = table(SubscriptionRow)
_deliveries = table(DeliveryRow)
_attempts = table(AttemptRow)

# Of each active subscription, as many due rows as it has room for: its cap less what is under way.
# A subscription that hangs thus holds its own few places, and nobody else's.
_CLAIM = text("""
    with due as materialized (
        select d.delivery_id from subscriptions s
        cross join lateral (
            select delivery_id, next_attempt_at from deliveries
            where subscription_id = s.subscription_id and status = 'pending'
              and next_attempt_at <= :now
            order by next_attempt_at
            limit greatest(0, :per_subscription - (
                select count(*) from deliveries u
                where u.subscription_id = s.subscription_id and u.status = 'pending'
                  and u.claimed_until > :now
            ))
            for update skip locked
        ) d
        where s.disabled_reason is null
        order by d.next_attempt_at
        limit :limit
    )
    update deliveries set attempt = attempt + 1, next_attempt_at = :until, claimed_until = :until
    from due where deliveries.delivery_id = due.delivery_id
    returning deliveries.delivery_id
""")


class SqlSubscriptions:
    """The port `Subscriptions`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, subscription: Subscription) -> None:
        await self._connection.execute(insert(_subscriptions), [_columns(subscription)])

    async def get(self, subscription_id: UUID, owner: str | None) -> Subscription | None:
        found = (await self.lock([subscription_id])).get(subscription_id)
        return found if found and owner in (None, found.owner) else None

    async def lock(self, subscription_ids: Iterable[UUID]) -> dict[UUID, Subscription]:
        rows = await self._connection.execute(
            select(_subscriptions)
            .where(_subscriptions.c.subscription_id.in_(set(subscription_ids)))
            .order_by(_subscriptions.c.subscription_id)
            .with_for_update()
        )
        return {row.subscription_id: subscription_of(row) for row in rows}

    async def save(self, subscription: Subscription) -> None:
        await self._connection.execute(
            update(_subscriptions)
            .where(_subscriptions.c.subscription_id == subscription.subscription_id)
            .values(_columns(subscription))
        )

    async def remove(self, subscription_id: UUID) -> None:
        # Deliveries before their attempts, as in remove_settled, so that the two cannot deadlock.
        deliveries = (
            delete(_deliveries)
            .where(_deliveries.c.subscription_id == subscription_id)
            .returning(_deliveries.c.delivery_id)
            .cte("deliveries")
        )
        await self._connection.execute(
            delete(_attempts).where(_attempts.c.item_id == deliveries.c.delivery_id)
        )
        await self._connection.execute(
            delete(_subscriptions).where(_subscriptions.c.subscription_id == subscription_id)
        )

    async def active(self) -> list[Subscription]:
        rows = await self._connection.execute(
            select(_subscriptions).where(_subscriptions.c.disabled_reason.is_(None))
        )
        return [subscription_of(row) for row in rows]


class SqlDeliveries:
    """The port `Deliveries`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, deliveries: Sequence[Delivery]) -> None:
        if not deliveries:
            return
        traceparent = telemetry.current_traceparent()
        rows = [
            {
                "delivery_id": delivery.delivery_id,
                "subscription_id": delivery.subscription_id,
                "event_type": delivery.event_type,
                "body": delivery.body,
                "traceparent": traceparent,
                "created_at": delivery.created_at,
                "attempt": delivery.attempt,
                **_state(delivery, delivery.created_at),
            }
            for delivery in deliveries
        ]
        await self._connection.execute(insert(_deliveries).on_conflict_do_nothing(), rows)

    async def get(self, delivery_id: UUID, owner: str | None) -> Delivery | None:
        # The subscription first, as everywhere: see WebhookLane.settle.
        subscription = (
            select(_subscriptions.c.subscription_id)
            .join(_deliveries, _deliveries.c.subscription_id == _subscriptions.c.subscription_id)
            .where(_deliveries.c.delivery_id == delivery_id)
            .with_for_update(of=_subscriptions)
        )
        if owner is not None:
            subscription = subscription.where(_subscriptions.c.owner == owner)
        if (await self._connection.execute(subscription)).one_or_none() is None:
            return None
        # A statement of its own: it sees what was stored while the one before waited.
        delivery = select(_deliveries).where(_deliveries.c.delivery_id == delivery_id)
        row = (await self._connection.execute(delivery.with_for_update())).one_or_none()
        return _delivery(row) if row else None

    async def claim(
        self, now: datetime, lease: timedelta, limit: int, per_subscription: int
    ) -> list[ClaimedDelivery]:
        claimed = await self._connection.execute(
            _CLAIM,
            {
                "now": now,
                "until": now + lease,
                "limit": limit,
                "per_subscription": per_subscription,
            },
        )
        ids = list(claimed.scalars())
        rows = (
            await self._connection.execute(
                select(_deliveries).where(_deliveries.c.delivery_id.in_(ids))
            )
        ).all()
        subscribers = await self._connection.execute(
            select(_subscriptions).where(
                _subscriptions.c.subscription_id.in_({row.subscription_id for row in rows})
            )
        )
        by_id = {row.subscription_id: subscription_of(row) for row in subscribers}
        return [
            ClaimedDelivery(_delivery(row), row.traceparent, by_id[row.subscription_id])
            for row in rows
        ]

    async def held(self, claims: Iterable[ClaimedDelivery]) -> set[UUID]:
        tokens = [(claim.delivery.delivery_id, claim.delivery.attempt) for claim in claims]
        rows = await self._connection.execute(
            select(_deliveries.c.delivery_id)
            .where(
                tuple_(_deliveries.c.delivery_id, _deliveries.c.attempt).in_(tokens),
                _deliveries.c.status == "pending",
            )
            .order_by(_deliveries.c.delivery_id)
            .with_for_update()
        )
        return set(rows.scalars())

    async def save(self, deliveries: Sequence[Delivery], now: datetime) -> None:
        if not deliveries:
            return
        states = [_state(delivery, now) for delivery in deliveries]
        statement = (
            update(_deliveries)
            .where(_deliveries.c.delivery_id == bindparam("id"))
            .values({name: bindparam(f"new_{name}") for name in states[0]})
        )
        rows = [
            {"id": delivery.delivery_id, **{f"new_{name}": state[name] for name in state}}
            for delivery, state in zip(deliveries, states, strict=True)
        ]
        await self._connection.execute(statement, rows)

    async def remove_settled(self, before: datetime, limit: int) -> int:
        return await remove_settled(
            self._connection, _deliveries, _deliveries.c.delivery_id, before, limit
        )


def _state(delivery: Delivery, now: datetime) -> dict[str, object]:
    return {
        "status": delivery.status,
        "reason": delivery.reason,
        "step": delivery.step,
        "next_attempt_at": delivery.next_attempt_at,
        "claimed_until": None,
        "settled_at": None if delivery.status == "pending" else now,
    }


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        delivery_id=row.delivery_id,
        subscription_id=row.subscription_id,
        event_type=row.event_type,
        body=row.body,
        created_at=row.created_at,
        status=row.status,
        attempt=row.attempt,
        step=row.step,
        next_attempt_at=row.next_attempt_at,
        reason=row.reason,
    )


def _columns(subscription: Subscription) -> dict[str, object]:
    previous = subscription.previous_secret
    return {
        "subscription_id": subscription.subscription_id,
        "owner": subscription.owner,
        "url": subscription.url,
        "event_types": list(subscription.event_types),
        "created_at": subscription.created_at,
        "secret_generation": subscription.secret.generation,
        "secret_key_id": subscription.secret.key_id,
        "previous_generation": previous.generation if previous else None,
        "previous_key_id": previous.key_id if previous else None,
        "previous_until": subscription.previous_until,
        "disabled_reason": subscription.disabled_reason,
        "last_success_at": subscription.last_success_at,
    }


def subscription_of(row: Row[Any]) -> Subscription:
    """The aggregate in a row of `subscriptions`."""
    previous = None
    if row.previous_generation is not None:
        previous = SecretVersion(row.previous_generation, row.previous_key_id)
    return Subscription(
        subscription_id=row.subscription_id,
        owner=row.owner,
        url=row.url,
        event_types=tuple(row.event_types),
        created_at=row.created_at,
        secret=SecretVersion(row.secret_generation, row.secret_key_id),
        previous_secret=previous,
        previous_until=row.previous_until,
        disabled_reason=row.disabled_reason,
        last_success_at=row.last_success_at,
    )
