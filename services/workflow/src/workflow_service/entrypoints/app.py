"""What the entrypoints need of the application object; bootstrap builds it."""

import asyncio
from typing import Annotated, Protocol, cast

from fastapi import Depends, Request

from servicekit.auth import Principal, require
from servicekit.db import Transaction
from servicekit.problems import ProblemError
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


def of_the_whole_region(principal: Principal) -> bool:
    """Whether the caller administers all units, not only some."""
    return principal.limited_to("administrator").scope is None


async def region_administrator(
    principal: Annotated[Principal, Depends(require("administrator"))],
) -> Principal:
    """FastAPI dependency: the caller, who must administer all units (else 403)."""
    if not of_the_whole_region(principal):
        detail = "This concerns the whole region; your roles hold for some of its units only."
        raise ProblemError(403, "outside-scope", detail)
    return principal


# Templates, the unit tree and rollouts are the whole region's: whoever has a say in some units only
# may read, not rule. Else 403.
RegionAdministrator = Annotated[Principal, Depends(region_administrator)]


def app_of(request: Request) -> WorkflowApp:
    return cast(WorkflowApp, request.app.state.app)
