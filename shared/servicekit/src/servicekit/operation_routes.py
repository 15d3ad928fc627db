"""HTTP: how a service's processes are and what waits, for operators."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Request

from servicekit import operation
from servicekit.access import may
from servicekit.auth import Principal
from servicekit.db import Transaction
from servicekit.operation import Backlogs, Operation

Operator = Annotated[Principal, may("operation.read")]


def operation_router(roles: Sequence[str], backlogs: Backlogs) -> APIRouter:
    """`/operation` of a service whose processes have these roles."""
    router = APIRouter(tags=["operation"])

    @router.get("/operation")
    async def get_operation(request: Request, caller: Operator) -> Operation:
        """How the service's processes are, which servers they reach, and what waits.

        Every process writes a row every five seconds. One that is stopped removes it; one that
        ended otherwise is listed for an hour.
        """
        uow: Transaction = request.app.state.app.uow()
        async with uow:
            found = await operation.look(uow.connection, roles)
            waiting = [await operation.outbox_backlog(uow.connection, found.as_of)]
            found.backlogs = [*waiting, *await backlogs(uow)]
        return found

    return router
