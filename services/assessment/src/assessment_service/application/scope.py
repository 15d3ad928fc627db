"""Which units and rounds a caller may see.

A round outside the scope is reported as one that does not exist: round ids follow from ids that are
widely known, so a separate refusal would show everybody which units have which rounds.
"""

from collections.abc import Collection
from uuid import UUID

from assessment_service.application.ports import Scope
from assessment_service.domain.errors import DomainError
from assessment_service.domain.round import Round, Unit, path, unknown_error


def covers(scope: Scope, unit_id: str, unit_path: Collection[str]) -> bool:
    """Whether the scope includes the unit, or a tree that it stands in."""
    return scope is None or unit_id in scope.units or not scope.trees.isdisjoint(unit_path)


def visible(found: Round | None, round_id: UUID, scope: Scope) -> Round:
    """Raises DomainError `round-unknown`."""
    if found is None or not covers(scope, found.unit.unit_id, found.unit.path):
        raise unknown_error(round_id)
    return found


def check_unit(scope: Scope, unit_id: str, known: Collection[Unit]) -> None:
    """Raises DomainError `outside-scope`, whether or not the unit exists."""
    if not covers(scope, unit_id, path(unit_id, known)):
        detail = f"Your roles do not cover unit {unit_id}."
        raise DomainError("outside-scope", "forbidden", detail)
