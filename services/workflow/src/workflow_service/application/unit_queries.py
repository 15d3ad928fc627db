"""Reads of units and their place in the tree."""

from dataclasses import dataclass

from workflow_service.application.unit_handlers import unit_unknown
from workflow_service.application.unit_ports import UnitsUnitOfWork
from workflow_service.domain.unit import Unit, UnitTree, takes_part


@dataclass(frozen=True, slots=True)
class PlacedUnit:
    """A unit with the ids from the root down to it, those right below it, and whether it can have
    a journey of its own."""

    unit: Unit
    path: tuple[str, ...]
    children: tuple[str, ...]
    takes_part: bool


async def list_units(uow: UnitsUnitOfWork, offset: int, limit: int) -> tuple[list[PlacedUnit], int]:
    """One page of units in id order, and how many there are in all."""
    page, total = await uow.units.page(offset, limit)
    tree = await _tree(uow)
    return [_placed(unit, tree) for unit in page], total


async def get_unit(uow: UnitsUnitOfWork, unit_id: str) -> PlacedUnit:
    """One unit in its place. Raises DomainError `unit-unknown`."""
    unit = await uow.units.get(unit_id)
    if unit is None:
        raise unit_unknown(unit_id)
    return _placed(unit, await _tree(uow))


async def _tree(uow: UnitsUnitOfWork) -> UnitTree:
    known = await uow.units.all()
    return UnitTree((unit.unit_id, unit.facts.parent_id) for unit in known.values())


def _placed(unit: Unit, tree: UnitTree) -> PlacedUnit:
    unit_id = unit.unit_id
    children = tuple(tree.children(unit_id))
    return PlacedUnit(unit, tree.path(unit_id), children, takes_part(unit, tree))
