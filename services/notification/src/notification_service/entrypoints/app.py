"""What the entrypoints need of the application object; bootstrap builds it."""

from types import TracebackType
from typing import Protocol, Self, cast

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncConnection

from notification_service.application.ports import Clock, UnitOfWork
from notification_service.application.queries import Queries
from notification_service.application.subscription_handlers import WebhookRules


class ReadableUnitOfWork(UnitOfWork, Protocol):
    """One transaction over everything this service stores; commits on a clean exit."""

    queries: Queries

    async def connection(self) -> AsyncConnection: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


class NotificationApp(Protocol):
    """The service as its entrypoints see it."""

    @property
    def webhooks(self) -> WebhookRules: ...

    @property
    def clock(self) -> Clock: ...

    def uow(self) -> ReadableUnitOfWork: ...


def app_of(request: Request) -> NotificationApp:
    return cast(NotificationApp, request.app.state.app)
