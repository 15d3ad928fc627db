"""What the entrypoints need of the application object, and which roles may ask for what."""

from types import TracebackType
from typing import Annotated, Protocol, Self, cast

from fastapi import Depends, Path, Request
from sqlalchemy.ext.asyncio import AsyncConnection

from content_service.application.ports import Clock, UnitOfWork
from servicekit.auth import Principal, require

ID_PATTERN = r"^[a-z0-9][a-z0-9-]{0,62}$"

Administrator = Annotated[Principal, Depends(require("administrator"))]
Manager = Annotated[Principal, Depends(require("manager"))]
Planner = Annotated[Principal, Depends(require("administrator", "service"))]
Reader = Annotated[
    Principal, Depends(require("administrator", "auditor", "manager", "employee", "service"))
]
ModuleId = Annotated[str, Path(pattern=ID_PATTERN)]
UnitId = Annotated[str, Path(pattern=ID_PATTERN)]


class ContentUnitOfWork(UnitOfWork, Protocol):
    """One transaction over everything this service stores; commits on a clean exit."""

    async def connection(self) -> AsyncConnection: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


class ContentApp(Protocol):
    """The service as its routers see it."""

    @property
    def clock(self) -> Clock: ...

    def uow(self) -> ContentUnitOfWork: ...


def app_of(request: Request) -> ContentApp:
    return cast(ContentApp, request.app.state.app)
