"""Which rows a caller's roles cover, in SQL: by the tree of today, whenever the row was written."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, or_, select

from assessment_service.adapters.tables import UnitRow
from assessment_service.application.ports import UnitScope
from servicekit.db import table

_units = table(UnitRow)


def within(scope: UnitScope, rows: Table) -> ColumnElement[bool]:
    """Whether the scope covers a row's unit, which is in the column `unit_id`.

    The scope's own ids count as they are: a unit may be named before it is known here.
    """
    unit_id = rows.c.unit_id
    return or_(unit_id.in_(scope.units | scope.trees), unit_id.in_(_below(scope.trees)))


def _below(trees: Collection[str]) -> Select[Any]:
    """Ids of the known units in these trees."""
    # Units below a named unit may be known although the unit itself is not.
    named = or_(_units.c.unit_id.in_(trees), _units.c.parent_id.in_(trees))
    tree = select(_units.c.unit_id).where(named).cte("below", recursive=True)
    # `union` drops rows seen before, so the recursion also ends in a ring of units.
    children = select(_units.c.unit_id).where(_units.c.parent_id == tree.c.unit_id)
    return select(tree.union(children).c.unit_id)
