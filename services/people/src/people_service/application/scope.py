"""Whether a caller may act for a unit."""

from people_service.application.code_ports import Scope, UnitTree
from people_service.domain.errors import DomainError


async def covers(scope: Scope, unit_id: str, tree: UnitTree) -> bool:
    """Whether the scope includes the unit or, at this moment, a tree that it stands in."""
    if scope is None or unit_id in scope.units | scope.trees:
        return True
    return not scope.trees.isdisjoint(await tree.path(unit_id))


async def check(scope: Scope, unit_id: str, tree: UnitTree) -> None:
    """Raises DomainError `outside-scope`, whether or not the unit exists."""
    if not await covers(scope, unit_id, tree):
        detail = f"Your roles do not cover {unit_id or 'the whole region'}."
        raise DomainError("outside-scope", "forbidden", detail)
