"""What the entrypoints need of the application object; bootstrap builds it."""

import asyncio
from types import TracebackType
from typing import Protocol, Self, cast

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncConnection

from workflow_service.application.ports import Engine, RolloutsUnitOfWork
from workflow_service.application.unit_ports import UnitsUnitOfWork


class WorkflowUnitOfWork(RolloutsUnitOfWork, UnitsUnitOfWork, Protocol):
    """One transaction over everything this service stores; commits on a clean exit."""

    async def connection(self) -> AsyncConnection: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


class WorkflowApp(Protocol):
    """The service as its routers see it. `actions` limits those under way at a time."""

    @property
    def engine(self) -> Engine: ...

    @property
    def actions(self) -> asyncio.Semaphore: ...

    def uow(self) -> WorkflowUnitOfWork: ...


def app_of(request: Request) -> WorkflowApp:
    return cast(WorkflowApp, request.app.state.app)
