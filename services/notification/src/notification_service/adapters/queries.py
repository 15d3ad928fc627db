"""Lists for the API, read from PostgreSQL in pages, newest first."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from notification_service.adapters.people import load_recipients
from notification_service.adapters.subscriptions import subscription_of
from notification_service.adapters.tables import (
    AttemptRow,
    DeliveryRow,
    MessageRow,
    RecipientRow,
    SubscriptionRow,
)
from notification_service.application.queries import (
    AttemptView,
    DeliveryView,
    MessageView,
    Slice,
)
from notification_service.domain.recipient import Recipient
from notification_service.domain.subscription import Subscription


class SqlQueries:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def recipients(self, limit: int, offset: int) -> Slice[Recipient]:
        ids = select(col(RecipientRow.recipient_id)).order_by(col(RecipientRow.recipient_id))
        rows, total = await self._page(ids, limit, offset)
        people = await load_recipients(self._connection, [row.recipient_id for row in rows])
        return Slice(list(people.values()), total)

    async def messages(
        self, status: str | None, template: str | None, limit: int, offset: int
    ) -> Slice[MessageView]:
        statement = select(MessageRow).order_by(
            col(MessageRow.created_at).desc(), col(MessageRow.message_id)
        )
        if status is not None:
            statement = statement.where(col(MessageRow.status) == status)
        if template is not None:
            statement = statement.where(col(MessageRow.template) == template)
        rows, total = await self._page(statement, limit, offset)
        attempts = await self._attempts(row.message_id for row in rows)
        return Slice([_message(row, attempts.get(row.message_id, [])) for row in rows], total)

    async def subscriptions(
        self, owner: str | None, limit: int, offset: int
    ) -> Slice[Subscription]:
        statement = select(SubscriptionRow).order_by(
            col(SubscriptionRow.created_at).desc(), col(SubscriptionRow.subscription_id)
        )
        if owner is not None:
            statement = statement.where(col(SubscriptionRow.owner) == owner)
        rows, total = await self._page(statement, limit, offset)
        return Slice([subscription_of(row) for row in rows], total)

    async def deliveries(
        self,
        owner: str | None,
        subscription_id: UUID | None,
        status: str | None,
        limit: int,
        offset: int,
    ) -> Slice[DeliveryView]:
        statement = select(DeliveryRow).order_by(
            col(DeliveryRow.created_at).desc(), col(DeliveryRow.delivery_id)
        )
        if owner is not None:
            own = select(col(SubscriptionRow.subscription_id)).where(
                col(SubscriptionRow.owner) == owner
            )
            statement = statement.where(col(DeliveryRow.subscription_id).in_(own))
        if subscription_id is not None:
            statement = statement.where(col(DeliveryRow.subscription_id) == subscription_id)
        if status is not None:
            statement = statement.where(col(DeliveryRow.status) == status)
        rows, total = await self._page(statement, limit, offset)
        attempts = await self._attempts(row.delivery_id for row in rows)
        return Slice([_delivery(row, attempts.get(row.delivery_id, [])) for row in rows], total)

    async def _page(
        self, statement: Select[Any], limit: int, offset: int
    ) -> tuple[list[Row[Any]], int]:
        counted = select(func.count()).select_from(statement.order_by(None).subquery())
        total = (await self._connection.execute(counted)).scalar_one()
        rows = await self._connection.execute(statement.limit(limit).offset(offset))
        return list(rows), total

    async def _attempts(self, item_ids: Iterable[UUID]) -> dict[UUID, list[AttemptView]]:
        rows = await self._connection.execute(
            select(AttemptRow)
            .where(col(AttemptRow.item_id).in_(list(item_ids)))
            .order_by(col(AttemptRow.number))
        )
        found: dict[UUID, list[AttemptView]] = {}
        for row in rows:
            view = AttemptView(
                number=row.number,
                started_at=row.started_at,
                duration_ms=row.duration_ms,
                result=row.result,
                reason=row.reason,
                status_code=row.status_code,
            )
            found.setdefault(row.item_id, []).append(view)
        return found


def _message(row: Row[Any], attempts: list[AttemptView]) -> MessageView:
    return MessageView(
        message_id=row.message_id,
        template=row.template,
        recipient_id=row.recipient_id,
        unit_id=row.facts.get("unit_id"),
        status=row.status,
        reason=row.reason,
        created_at=row.created_at,
        settled_at=row.settled_at,
        next_attempt_at=row.next_attempt_at,
        attempts=attempts,
    )


def _delivery(row: Row[Any], attempts: list[AttemptView]) -> DeliveryView:
    return DeliveryView(
        delivery_id=row.delivery_id,
        subscription_id=row.subscription_id,
        event_type=row.event_type,
        status=row.status,
        reason=row.reason,
        created_at=row.created_at,
        settled_at=row.settled_at,
        next_attempt_at=row.next_attempt_at,
        attempts=attempts,
    )
