"""What the entrypoints need of the application object; bootstrap builds it."""

import asyncio
from typing import Protocol, cast

from fastapi import Request

from servicekit.db import Transaction
from workflow_service.application.ports import Engine, UnitOfWork


class WorkflowTransaction(UnitOfWork, Transaction, Protocol):
    """One transaction over everything this service stores; commits on a clean exit."""


class WorkflowApp(Protocol):
    """The service as its routers see it. `actions` limits those under way at a time."""

    @property
    def engine(self) -> Engine: ...

    @property
    def actions(self) -> asyncio.Semaphore: ...

    def uow(self) -> WorkflowTransaction: ...


def app_of(request: Request) -> WorkflowApp:
    return cast(WorkflowApp, request.app.state.app)
