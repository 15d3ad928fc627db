"""What waits to be sent."""

from sqlalchemy import func, select

from notification_service.adapters.tables import (
    DeliveryRow,
    MessageRow,
    QuarantineRow,
    SubscriptionRow,
)
from servicekit.db import Transaction, table
from servicekit.operation import Backlog

_messages = table(MessageRow)
_deliveries = table(DeliveryRow)
_subscriptions = table(SubscriptionRow)
_quarantine = table(QuarantineRow)
_HELD = select(func.count(), func.min(_quarantine.c.since))
_MAILS = select(func.count(), func.min(_messages.c.created_at)).where(
    _messages.c.status == "pending"
)
_WEBHOOKS = (
    select(func.count(), func.min(_deliveries.c.created_at))
    .join(_subscriptions, _subscriptions.c.subscription_id == _deliveries.c.subscription_id)
    .where(_deliveries.c.status == "pending", _subscriptions.c.disabled_reason.is_(None))
)


async def backlogs(uow: Transaction) -> list[Backlog]:
    """Mails, webhooks of subscriptions that are not disabled, and whether all of it is held."""
    found = []
    for kind, statement in (("mails", _MAILS), ("webhooks", _WEBHOOKS), ("quarantine", _HELD)):
        count, oldest_at = (await uow.connection.execute(statement)).one()
        found.append(Backlog(kind=kind, count=count, oldest_at=oldest_at))
    return found
