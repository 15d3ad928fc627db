"""Recursive queries over the tree of units. `union` drops rows seen before, so the recursion also
ends in a ring, which can exist for a moment while events of several units arrive."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select

from content_service.adapters.tables import UnitRow
from content_service.application.ports import UnitScope
from servicekit.db import table

_units = table(UnitRow)


def upwards(unit_id: str) -> Select[Any]:
    """(unit_id, parent_id) of a unit, if it is known, and of all known units above it."""
    links = select(_units.c.unit_id, _units.c.parent_id)
    path = links.where(_units.c.unit_id == unit_id).cte("upwards", recursive=True)
    return select(path.union(links.where(_units.c.unit_id == path.c.parent_id)))


def within(scope: UnitScope, unit_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether the scope covers the unit in a column.

    The scope's own ids count as they are: a unit may be used before it is known here.
    """
    return or_(unit_id.in_(scope.units | scope.trees), unit_id.in_(_below(scope.trees)))


def _below(trees: Collection[str]) -> Select[Any]:
    """Ids of the known units in these trees."""
    # Units below a named unit may be known although the unit itself is not.
    named = or_(_units.c.unit_id.in_(trees), _units.c.parent_id.in_(trees))
    tree = select(_units.c.unit_id).where(named).cte("below", recursive=True)
    children = select(_units.c.unit_id).where(_units.c.parent_id == tree.c.unit_id)
    return select(tree.union(children).c.unit_id)
