"""Deliveries to webhook subscriptions, in PostgreSQL."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from notification_service.adapters.attempts import remove_settled
from notification_service.adapters.subscriptions import subscription_of
from notification_service.adapters.tables import DeliveryRow, SubscriptionRow
from notification_service.application.sending_ports import ClaimedDelivery
from notification_service.domain.subscription import Delivery
from servicekit import telemetry
from servicekit.db import table

_subscriptions = table(SubscriptionRow)
_deliveries = table(DeliveryRow)

# From each active subscription, as many due rows as its limit allows beside those under way, so
# that an endpoint that hangs delays only its own subscription.
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
        where s.disabled_reason is null and not exists (select from quarantine)
        order by d.next_attempt_at
        limit :limit
    )
    update deliveries set attempt = attempt + 1, next_attempt_at = :until, claimed_until = :until
    from due where deliveries.delivery_id = due.delivery_id
    returning deliveries.delivery_id
""")


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
        # The subscription is locked first, as in WebhookLane.settle.
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
        # A second statement, because it sees what was stored while the first waited for its lock.
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
            ClaimedDelivery(_delivery(row), now, row.traceparent, by_id[row.subscription_id])
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
