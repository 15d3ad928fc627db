"""What waits to be sent."""

from sqlalchemy import func, select

from notification_service.adapters.tables import DeliveryRow, MessageRow, SubscriptionRow
from servicekit.db import Transaction, table
from servicekit.operation import Backlog

_messages = table(MessageRow)
_deliveries = table(DeliveryRow)
_subscriptions = table(SubscriptionRow)
_MAILS = select(func.count(), func.min(_messages.c.created_at)).where(
    _messages.c.status == "pending"
)
_WEBHOOKS = (
    select(func.count(), func.min(_deliveries.c.created_at))
    .join(_subscriptions, _subscriptions.c.subscription_id == _deliveries.c.subscription_id)
    .where(_deliveries.c.status == "pending", _subscriptions.c.disabled_reason.is_(None))
)


async def backlogs(uow: Transaction) -> list[Backlog]:
    """Mails, and webhooks of subscriptions that are not disabled."""
    found = []
    for kind, statement in (("mails", _MAILS), ("webhooks", _WEBHOOKS)):
        count, oldest_at = (await uow.connection.execute(statement)).one()
        found.append(Backlog(kind=kind, count=count, oldest_at=oldest_at))
    return found
