"""Whether a caller may act for a unit. A unit outside the scope is refused the same way, whether or
not it is known here."""

from content_service.application.ports import Scope, UnitOfWork
from content_service.domain.errors import DomainError


async def covers(scope: Scope, unit_id: str, uow: UnitOfWork) -> bool:
    """Whether the scope includes the unit or, at this moment, a tree that it stands in."""
    if scope is None or unit_id in scope.units | scope.trees:
        return True
    return not scope.trees.isdisjoint(await uow.units.path(unit_id))


async def check(scope: Scope, unit_id: str, uow: UnitOfWork) -> None:
    """Raises DomainError `outside-scope`."""
    if not await covers(scope, unit_id, uow):
        detail = f"Your roles do not cover unit {unit_id}."
        raise DomainError("outside-scope", "forbidden", detail)
