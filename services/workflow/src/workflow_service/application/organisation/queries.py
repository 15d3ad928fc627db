"""Reads of units and their place in the tree."""

from dataclasses import dataclass

from workflow_service.application.organisation.handlers import unit_unknown
from workflow_service.application.ports import UnitOfWork
from workflow_service.domain.organisation.unit import Unit, UnitTree, takes_part

Scope = frozenset[str] | None
"""The units whose affairs a caller may see, each with all below it; None for all."""


@dataclass(frozen=True, slots=True)
class PlacedUnit:
    """A unit with the ids from the root down to it, those right below it, and whether it can have
    a journey of its own."""

    unit: Unit
    path: tuple[str, ...]
    children: tuple[str, ...]
    takes_part: bool


async def list_units(
    uow: UnitOfWork, scope: Scope, offset: int, limit: int
) -> tuple[list[PlacedUnit], int]:
    """One page of the scope's units in id order, and how many there are in all."""
    tree = await _tree(uow)
    page, total = await uow.units.page(offset, limit, _below(scope, tree))
    return [_placed(unit, tree) for unit in page], total


async def get_unit(uow: UnitOfWork, scope: Scope, unit_id: str) -> PlacedUnit:
    """One unit in its place. Raises DomainError `unit-unknown`, also for one outside the scope."""
    unit = await uow.units.get(unit_id)
    tree = await _tree(uow)
    if unit is None or not (scope is None or tree.is_within(unit_id, scope)):
        raise unit_unknown(unit_id)
    return _placed(unit, tree)


async def units_below(uow: UnitOfWork, scope: Scope) -> Scope:
    """The units of a scope and all below them, as of now; None for every unit."""
    return _below(scope, await _tree(uow))


def _below(scope: Scope, tree: UnitTree) -> Scope:
    if scope is None:
        return None
    return frozenset(unit_id for unit_id in tree if tree.is_within(unit_id, scope))


async def _tree(uow: UnitOfWork) -> UnitTree:
    known = await uow.units.all()
    return UnitTree((unit.unit_id, unit.facts.parent_id) for unit in known.values())


def _placed(unit: Unit, tree: UnitTree) -> PlacedUnit:
    unit_id = unit.unit_id
    children = tuple(tree.children(unit_id))
    return PlacedUnit(unit, tree.path(unit_id), children, takes_part(unit, tree))
