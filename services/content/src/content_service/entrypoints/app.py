"""What the entrypoints need of the application object, and which roles may ask for what."""

from typing import Annotated, Protocol, cast

from fastapi import Depends, Path, Request

from content_service.application.ports import UnitOfWork
from servicekit.auth import Principal, require
from servicekit.db import Transaction

ID_PATTERN = r"^[a-z0-9][a-z0-9-]{0,62}$"

Administrator = Annotated[Principal, Depends(require("administrator"))]
Manager = Annotated[Principal, Depends(require("manager"))]
Planner = Annotated[Principal, Depends(require("administrator", "service"))]
Reader = Annotated[
    Principal, Depends(require("administrator", "auditor", "manager", "employee", "service"))
]
ModuleId = Annotated[str, Path(pattern=ID_PATTERN)]
UnitId = Annotated[str, Path(pattern=ID_PATTERN)]


class ContentTransaction(UnitOfWork, Transaction, Protocol):
    """One transaction over everything this service stores; commits on a clean exit."""


class ContentApp(Protocol):
    """The service as its routers see it."""

    def uow(self) -> ContentTransaction: ...


def app_of(request: Request) -> ContentApp:
    return cast(ContentApp, request.app.state.app)
