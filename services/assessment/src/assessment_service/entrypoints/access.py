"""Who may ask what: the roles of each route, and the units that a caller may read about."""

from typing import Annotated

from fastapi import Depends, Response

from assessment_service.application.ports import Scope
from servicekit.auth import Principal, require

Administrator = Annotated[Principal, Depends(require("administrator"))]
Operator = Annotated[Principal, Depends(require("administrator", "service"))]
Participant = Annotated[Principal, Depends(require("employee", "manager"))]
Reader = Annotated[
    Principal, Depends(require("administrator", "auditor", "service", "manager", "employee"))
]


def scope_of(reader: Principal) -> Scope:
    """All units for those who oversee the whole, else the units that the token names."""
    oversees = reader.has("administrator", "auditor", "service")
    return None if oversees or "*" in reader.units else reader.units


async def not_cached(response: Response) -> None:
    """FastAPI dependency: what is personal or thresholded stays out of every cache.

    Async although it waits for nothing: FastAPI runs a plain function in a thread.
    """
    response.headers["cache-control"] = "no-store"
