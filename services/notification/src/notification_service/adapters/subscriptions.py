"""Webhook subscriptions, in PostgreSQL."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from notification_service.adapters.tables import AttemptRow, DeliveryRow, SubscriptionRow
from notification_service.domain.secret import SecretVersion
from notification_service.domain.subscription import Subscription
from servicekit.db import table

_subscriptions = table(SubscriptionRow)
_deliveries = table(DeliveryRow)
_attempts = table(AttemptRow)


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
