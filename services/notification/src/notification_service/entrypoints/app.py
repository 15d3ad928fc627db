"""What the entrypoints need of the application object; bootstrap builds it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Protocol, cast

from fastapi import Depends, Request

from notification_service.application.ports import UnitOfWork
from notification_service.application.queries import Queries
from notification_service.application.subscription_handlers import WebhookRules
from servicekit.auth import Principal, require
from servicekit.db import Transaction
from servicekit.problems import ProblemError


class NotificationTransaction(UnitOfWork, Transaction, Protocol):
    """One transaction over everything this service stores; commits on a clean exit."""

    queries: Queries


class NotificationApp(Protocol):
    """The service as its entrypoints see it."""

    @property
    def webhooks(self) -> WebhookRules: ...

    @property
    def event_schemas(self) -> Mapping[str, bytes]:
        """JSON Schemas by the end of their address: `<type>.json`, `<type>/<revision>.json`."""

    async def address_warnings(self, url: str) -> list[str]:
        """What would keep webhooks to this URL from arriving, as things are now."""

    def uow(self) -> NotificationTransaction: ...


def of_the_whole_region(*roles: str) -> Callable[..., Awaitable[Principal]]:
    """FastAPI dependency: the caller, if one of the roles is for all units; otherwise 403.

    Recipients, their import and the log of messages concern the whole region. Callers whose roles
    are for some units only see nothing of them.
    """

    async def checked(principal: Annotated[Principal, Depends(require(*roles))]) -> Principal:
        if principal.scope is not None:
            detail = "This concerns the whole region; your roles are for some of its units only."
            raise ProblemError(403, "outside-scope", detail)
        return principal

    return checked


def app_of(request: Request) -> NotificationApp:
    return cast(NotificationApp, request.app.state.app)
