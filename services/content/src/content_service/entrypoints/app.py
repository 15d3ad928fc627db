"""What the entrypoints need from the application object, and the roles that routes require."""

from typing import Annotated, Protocol, cast

from fastapi import Depends, Path, Request

from content_service.application.ports import UnitOfWork
from servicekit.auth import Principal, require
from servicekit.db import Transaction

ID_PATTERN = r"^[a-z0-9][a-z0-9-]{0,62}$"

Administrator = Annotated[Principal, Depends(require("administrator"))]
Manager = Annotated[Principal, Depends(require("manager", "deputy"))]
Corrector = Annotated[Principal, Depends(require("manager", "deputy", "administrator"))]
Overseer = Annotated[Principal, Depends(require("administrator", "auditor", "service"))]
Planner = Annotated[Principal, Depends(require("administrator", "service"))]
Reader = Annotated[
    Principal,
    Depends(require("administrator", "auditor", "manager", "deputy", "employee", "service")),
]
ModuleId = Annotated[str, Path(pattern=ID_PATTERN)]
UnitId = Annotated[str, Path(pattern=ID_PATTERN)]


class ContentTransaction(UnitOfWork, Transaction, Protocol):
    """A unit of work that commits on a clean exit."""


class ContentApp(Protocol):
    """The service as its entrypoints see it."""

    def uow(self) -> ContentTransaction: ...


def app_of(request: Request) -> ContentApp:
    return cast(ContentApp, request.app.state.app)
