"""The unit of work on PostgreSQL: one transaction with all the service's repositories."""

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

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

    def bind(self, connection: AsyncConnection) -> None:
        self.recipients = SqlRecipients(connection)
        self.units = SqlUnits(connection)
        self.messages = SqlMessages(connection)
        self.subscriptions = SqlSubscriptions(connection)
        self.deliveries = SqlDeliveries(connection)
        self.attempts = SqlAttempts(connection)
        self.queries = SqlQueries(connection)
