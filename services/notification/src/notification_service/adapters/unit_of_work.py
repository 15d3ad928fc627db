"""The unit of work on PostgreSQL: one transaction with all the service's repositories."""

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from notification_service.adapters.attempts import SqlAttempts
from notification_service.adapters.deliveries import SqlDeliveries
from notification_service.adapters.erasures import HeldRecipients, SqlErasures
from notification_service.adapters.invitations import SqlInvitations
from notification_service.adapters.messages import SqlMessages
from notification_service.adapters.open_rounds import SqlOpenRounds
from notification_service.adapters.outbound import translate
from notification_service.adapters.quarantine import SqlQuarantine
from notification_service.adapters.queries import SqlQueries
from notification_service.adapters.reminders import SqlReminders
from notification_service.adapters.subscriptions import SqlSubscriptions
from notification_service.adapters.units import SqlUnits
from notification_service.application import ports, round_ports
from notification_service.application.queries import Queries
from servicekit.db import SqlUnitOfWork

SOURCE = "/um-platform/notification"


class NotificationUnitOfWork(SqlUnitOfWork):
    """One transaction over all tables of this service (the port `UnitOfWork`)."""

    def __init__(self, engine: AsyncEngine, people: ports.People) -> None:
        super().__init__(engine, translate, SOURCE)
        self.erased_persons: ports.ErasedPersons = people
        self._people = people

    def bind(self, connection: AsyncConnection) -> None:
        self.recipients: ports.Recipients = HeldRecipients(connection, self._people)
        self.erasures: ports.Erasures = SqlErasures(connection)
        self.quarantine: ports.Quarantine = SqlQuarantine(connection)
        self.units: ports.Units = SqlUnits(connection)
        self.open_rounds: round_ports.OpenRounds = SqlOpenRounds(connection)
        self.invitations: round_ports.Invitations = SqlInvitations(connection)
        self.reminders: round_ports.Reminders = SqlReminders(connection)
        self.messages: ports.Messages = SqlMessages(connection)
        self.subscriptions: ports.Subscriptions = SqlSubscriptions(connection)
        self.deliveries: ports.Deliveries = SqlDeliveries(connection)
        self.attempts: ports.Attempts = SqlAttempts(connection)
        self.queries: Queries = SqlQueries(connection)
