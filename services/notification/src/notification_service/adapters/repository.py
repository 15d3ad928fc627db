"""The unit of work on PostgreSQL: one transaction with all the service's repositories."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from notification_service.adapters.outbound import translate
from notification_service.adapters.outgoing import SqlAttempts, SqlMessages
from notification_service.adapters.people import SqlRecipients, SqlUnits
from notification_service.adapters.queries import SqlQueries
from notification_service.adapters.subscriptions import SqlDeliveries, SqlSubscriptions
from notification_service.application import ports
from notification_service.application.queries import Queries
from servicekit.db import SqlUnitOfWork

SOURCE = "/um-platform/notification"


class NotificationUnitOfWork(SqlUnitOfWork):
    recipients: ports.Recipients
    units: ports.Units
    messages: ports.Messages
    subscriptions: ports.Subscriptions
    deliveries: ports.Deliveries
    attempts: ports.Attempts
    queries: Queries

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine, translate, SOURCE)

    def bind(self) -> None:
        self.recipients = SqlRecipients(self.session)
        self.units = SqlUnits(self.session)
        self.messages = SqlMessages(self.session)
        self.subscriptions = SqlSubscriptions(self.session)
        self.deliveries = SqlDeliveries(self.session)
        self.attempts = SqlAttempts(self.session)
        self.queries = SqlQueries(self.session)

    async def now(self) -> datetime:
        connection = await self.connection()
        return (await connection.execute(select(func.now()))).scalar_one()
