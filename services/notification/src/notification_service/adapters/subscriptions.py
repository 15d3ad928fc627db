"""Webhook subscriptions, in PostgreSQL."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from notification_service.adapters.tables import AttemptRow, DeliveryRow, SubscriptionRow
from notification_service.domain.secret import RetiredSecret, SecretVersion
from notification_service.domain.subscription import Subscription
from servicekit.db import table

_subscriptions = table(SubscriptionRow)
_deliveries = table(DeliveryRow)
_attempts = table(AttemptRow)
_ONE_CHANGE_AT_A_TIME = text(
    "select pg_advisory_xact_lock(hashtextextended('subscriptions|' || cast(:owner as text), 0))"
)


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

    async def of_owner_locked(self, owner: str) -> list[Subscription]:
        await self._connection.execute(_ONE_CHANGE_AT_A_TIME, {"owner": owner})
        rows = await self._connection.execute(
            select(_subscriptions)
            .where(_subscriptions.c.owner == owner)
            .order_by(_subscriptions.c.created_at, _subscriptions.c.subscription_id)
        )
        return [subscription_of(row) for row in rows]


def _columns(subscription: Subscription) -> dict[str, object]:
    return {
        "subscription_id": subscription.subscription_id,
        "owner": subscription.owner,
        "url": subscription.url,
        "event_types": list(subscription.event_types),
        "created_at": subscription.created_at,
        "secret_generation": subscription.secret.generation,
        "secret_key_id": subscription.secret.key_id,
        **_retired_columns(subscription.retired),
        "disabled_reason": subscription.disabled_reason,
        "last_success_at": subscription.last_success_at,
    }


def _retired_columns(retired: Sequence[RetiredSecret]) -> dict[str, object]:
    """All in one column; the last in three more, for processes of the version before 0002."""
    newest = retired[0] if retired else None
    return {
        "retired_secrets": [
            {
                "generation": one.version.generation,
                "key_id": one.version.key_id,
                "until": one.until.isoformat(),
            }
            for one in retired
        ],
        "previous_generation": newest.version.generation if newest else None,
        "previous_key_id": newest.version.key_id if newest else None,
        "previous_until": newest.until if newest else None,
    }


def _retired(row: Row[Any]) -> tuple[RetiredSecret, ...]:
    """The retired secrets, newest first, also one that only an older process has stored."""
    found = {
        one["generation"]: RetiredSecret(
            SecretVersion(one["generation"], one["key_id"]), datetime.fromisoformat(one["until"])
        )
        for one in row.retired_secrets or []
    }
    if row.previous_generation is not None and row.previous_generation not in found:
        version = SecretVersion(row.previous_generation, row.previous_key_id)
        found[row.previous_generation] = RetiredSecret(version, row.previous_until)
    return tuple(found[generation] for generation in sorted(found, reverse=True))


def subscription_of(row: Row[Any]) -> Subscription:
    """The aggregate in a row of `subscriptions`."""
    return Subscription(
        subscription_id=row.subscription_id,
        owner=row.owner,
        url=row.url,
        event_types=tuple(row.event_types),
        created_at=row.created_at,
        secret=SecretVersion(row.secret_generation, row.secret_key_id),
        retired=_retired(row),
        disabled_reason=row.disabled_reason,
        last_success_at=row.last_success_at,
    )
