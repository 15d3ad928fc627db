"""What the entrypoints need of the application object; bootstrap builds it."""

from collections.abc import Mapping
from typing import Protocol, cast

from fastapi import Request

from notification_service.application.ports import UnitOfWork
from notification_service.application.queries import Queries
from notification_service.application.subscription_handlers import WebhookRules
from notification_service.domain.reminder import ReminderTimes
from servicekit.db import Transaction


class NotificationTransaction(UnitOfWork, Transaction, Protocol):
    """One transaction over everything this service stores; commits on a clean exit."""

    queries: Queries


class NotificationApp(Protocol):
    """The service as its entrypoints see it."""

    @property
    def webhooks(self) -> WebhookRules: ...

    @property
    def reminder_times(self) -> ReminderTimes: ...

    @property
    def event_schemas(self) -> Mapping[str, bytes]:
        """JSON Schemas by the end of their address: `<type>.json`, `<type>/<revision>.json`."""

    async def address_warnings(self, url: str) -> list[str]:
        """What would keep webhooks to this URL from arriving, as things are now."""

    def uow(self) -> NotificationTransaction: ...


def app_of(request: Request) -> NotificationApp:
    return cast(NotificationApp, request.app.state.app)
