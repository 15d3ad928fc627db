"""Whether a caller may act for a unit. A unit outside the scope looks the same known or unknown."""

from content_service.application.ports import Scope, UnitOfWork
from content_service.domain.errors import DomainError


async def covers(scope: Scope, unit_id: str, uow: UnitOfWork) -> bool:
    """Whether the scope holds the unit or one above it, as of now."""
    return scope is None or unit_id in scope or not scope.isdisjoint(await uow.units.path(unit_id))


async def check(scope: Scope, unit_id: str, uow: UnitOfWork) -> None:
    """Raises DomainError `outside-scope`."""
    if not await covers(scope, unit_id, uow):
        detail = f"Your roles do not hold for unit {unit_id}."
        raise DomainError("outside-scope", "forbidden", detail)
