"""The roles that routes require."""

from typing import Annotated

from fastapi import Depends, Response

from servicekit.auth import Principal, require

Administrator = Annotated[Principal, Depends(require("administrator"))]
Service = Annotated[Principal, Depends(require("service"))]
Operator = Annotated[Principal, Depends(require("administrator", "service"))]
Overseer = Annotated[Principal, Depends(require("administrator", "auditor", "service"))]
Participant = Annotated[Principal, Depends(require("employee", "manager", "deputy"))]
Reader = Annotated[
    Principal,
    Depends(require("administrator", "auditor", "service", "manager", "deputy", "employee")),
]


async def not_cached(response: Response) -> None:
    """FastAPI dependency: personal data and results stay out of every cache.

    Async although it awaits nothing, because FastAPI runs a plain function in a thread.
    """
    response.headers["cache-control"] = "no-store"
