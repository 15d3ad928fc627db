"""Lists for the API in pages, newest first, from PostgreSQL."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from notification_service.adapters.exchange import from_json
from notification_service.adapters.open_rounds import open_round
from notification_service.adapters.subscriptions import subscription_of
from notification_service.adapters.tables import (
    AttemptRow,
    DeliveryRow,
    MessageRow,
    OpenRoundRow,
    SubscriptionRow,
)
from notification_service.application.ports import PageOf
from notification_service.application.queries import (
    AttemptView,
    DeliveryView,
    MessageView,
)
from notification_service.application.round_ports import OpenRound
from notification_service.domain.delivery import Status
from notification_service.domain.message import hides_recipient
from notification_service.domain.subscription import Subscription
from servicekit.db import table

_messages, _rounds = table(MessageRow), table(OpenRoundRow)
_subscriptions = table(SubscriptionRow)
_deliveries = table(DeliveryRow)
_attempts = table(AttemptRow)


class SqlQueries:
    """The port `Queries`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def messages(
        self, status: Status | None, template: str | None, page: PageOf
    ) -> tuple[list[MessageView], int]:
        statement = select(_messages).order_by(
            _messages.c.created_at.desc(), _messages.c.message_id
        )
        if status is not None:
            statement = statement.where(_messages.c.status == status)
        if template is not None:
            statement = statement.where(_messages.c.template == template)
        rows, total = await self._page(statement, page)
        attempts = await self._attempts(row.message_id for row in rows)
        return [_message(row, attempts.get(row.message_id, [])) for row in rows], total

    async def over_cap(self, page: PageOf) -> tuple[list[OpenRound], int]:
        some = select(_rounds).where(_rounds.c.over_cap > 0)
        rows, total = await self._page(some.order_by(_rounds.c.unit_id, _rounds.c.round_id), page)
        return [open_round(row) for row in rows], total

    async def subscriptions(
        self, owner: str | None, page: PageOf
    ) -> tuple[list[Subscription], int]:
        statement = select(_subscriptions).order_by(
            _subscriptions.c.created_at.desc(), _subscriptions.c.subscription_id
        )
        if owner is not None:
            statement = statement.where(_subscriptions.c.owner == owner)
        rows, total = await self._page(statement, page)
        return [subscription_of(row) for row in rows], total

    async def subscription(self, owner: str | None, subscription_id: UUID) -> Subscription | None:
        statement = select(_subscriptions).where(
            _subscriptions.c.subscription_id == subscription_id
        )
        if owner is not None:
            statement = statement.where(_subscriptions.c.owner == owner)
        row = (await self._connection.execute(statement)).one_or_none()
        return subscription_of(row) if row else None

    async def delivery(self, owner: str | None, delivery_id: UUID) -> DeliveryView | None:
        statement = _deliveries_of(owner).where(_deliveries.c.delivery_id == delivery_id)
        row = (await self._connection.execute(statement)).one_or_none()
        if row is None:
            return None
        attempts = await self._attempts([delivery_id])
        return _delivery(row, attempts.get(delivery_id, []))

    async def deliveries(
        self, owner: str | None, subscription_id: UUID | None, status: Status | None, page: PageOf
    ) -> tuple[list[DeliveryView], int]:
        statement = _deliveries_of(owner).order_by(
            _deliveries.c.created_at.desc(), _deliveries.c.delivery_id
        )
        if subscription_id is not None:
            statement = statement.where(_deliveries.c.subscription_id == subscription_id)
        if status is not None:
            statement = statement.where(_deliveries.c.status == status)
        rows, total = await self._page(statement, page)
        attempts = await self._attempts(row.delivery_id for row in rows)
        return [_delivery(row, attempts.get(row.delivery_id, [])) for row in rows], total

    async def _page(self, statement: Select[Any], page: PageOf) -> tuple[list[Row[Any]], int]:
        counted = select(func.count()).select_from(statement.order_by(None).subquery())
        total = (await self._connection.execute(counted)).scalar_one()
        rows = await self._connection.execute(statement.offset(page.offset).limit(page.limit))
        return list(rows), total

    async def _attempts(self, item_ids: Iterable[UUID]) -> dict[UUID, list[AttemptView]]:
        rows = await self._connection.execute(
            select(_attempts)
            .where(_attempts.c.item_id.in_(list(item_ids)))
            .order_by(_attempts.c.number)
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
                exchange=from_json(row.exchange),
            )
            found.setdefault(row.item_id, []).append(view)
        return found


def _deliveries_of(owner: str | None) -> Select[Any]:
    """Deliveries to the owner's subscriptions; all without an owner."""
    if owner is None:
        return select(_deliveries)
    own = select(_subscriptions.c.subscription_id).where(_subscriptions.c.owner == owner)
    return select(_deliveries).where(_deliveries.c.subscription_id.in_(own))


def _message(row: Row[Any], attempts: list[AttemptView]) -> MessageView:
    return MessageView(
        message_id=row.reference,
        template=row.template,
        recipient_id=None if hides_recipient(row.template, row.status) else row.recipient_id,
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
        body=row.body,
        status=row.status,
        reason=row.reason,
        created_at=row.created_at,
        settled_at=row.settled_at,
        next_attempt_at=row.next_attempt_at,
        attempts=attempts,
    )
