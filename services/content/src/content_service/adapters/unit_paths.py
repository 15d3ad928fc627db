"""Ways through the tree of units, in SQL. `union` drops what was seen before, so that a ring,
which can stand for a moment while events of several units arrive, ends the recursion."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, select

from content_service.adapters.tables import UnitRow, table

_units = table(UnitRow)


def upwards(unit_id: str) -> Select[Any]:
    """Ids of a unit, if it is known, and of all units above it."""
    ids = select(_units.c.unit_id, _units.c.parent_id)
    path = ids.where(_units.c.unit_id == unit_id).cte("upwards", recursive=True)
    parents = ids.where(_units.c.unit_id == path.c.parent_id)
    return select(path.union(parents).c.unit_id)


def below(scope: Collection[str]) -> Select[Any]:
    """Ids of the units in a scope: those named, and all units below them."""
    named = select(_units.c.unit_id).where(_units.c.unit_id.in_(scope))
    tree = named.cte("below", recursive=True)
    children = select(_units.c.unit_id).where(_units.c.parent_id == tree.c.unit_id)
    return select(tree.union(children).c.unit_id)
