"""Which units and rounds a caller may see: by the tree of today, however old a round is.

A round outside the scope is reported as one that does not exist: round ids follow from ids that are
widely known, so a separate refusal would show everybody which units have which rounds.
"""

from collections.abc import Collection
from uuid import UUID

from assessment_service.application.ports import Scope, UnitOfWork
from assessment_service.domain.errors import DomainError
from assessment_service.domain.round import Round, Unit, path, unknown_error


def covers(scope: Scope, unit_id: str, unit_path: Collection[str]) -> bool:
    """Whether the scope includes the unit, or a tree that it stands in."""
    return scope is None or unit_id in scope.units or not scope.trees.isdisjoint(unit_path)


async def visible(found: Round | None, round_id: UUID, scope: Scope, uow: UnitOfWork) -> Round:
    """Raises DomainError `round-unknown`."""
    if found is None or not await _covers_today(scope, found.unit.unit_id, uow):
        raise unknown_error(round_id)
    return found


async def _covers_today(scope: Scope, unit_id: str, uow: UnitOfWork) -> bool:
    if scope is None or unit_id in scope.units:
        return True
    return covers(scope, unit_id, path(unit_id, await uow.units.around([unit_id])))


def check_unit(scope: Scope, unit_id: str, known: Collection[Unit]) -> None:
    """Raises DomainError `outside-scope`, whether or not the unit exists."""
    if not covers(scope, unit_id, path(unit_id, known)):
        detail = f"Your roles do not cover unit {unit_id}."
        raise DomainError("outside-scope", "forbidden", detail)
