"""Reads of units and their place in the tree."""

from dataclasses import dataclass

from workflow_service.application.organisation.handlers import unit_unknown
from workflow_service.application.ports import PageOf, Place, UnitOfWork
from workflow_service.domain.organisation.unit import Unit, takes_part

Scope = frozenset[str] | None
"""The units whose affairs a caller may see, each with all below it; None for all."""


@dataclass(frozen=True, slots=True)
class PlacedUnit:
    """A unit in its place, and whether it can have a journey of its own."""

    unit: Unit
    place: Place
    takes_part: bool


async def list_units(uow: UnitOfWork, scope: Scope, page: PageOf) -> tuple[list[PlacedUnit], int]:
    """One page of the scope's units in id order, and how many there are in all."""
    units, total = await uow.units.page(page, await units_below(uow, scope))
    places = await uow.units.places([unit.unit_id for unit in units])
    return [_placed(unit, places[unit.unit_id]) for unit in units], total


async def get_unit(uow: UnitOfWork, scope: Scope, unit_id: str) -> PlacedUnit:
    """One unit in its place. Raises DomainError `unit-unknown`, also for one outside the scope."""
    unit = await uow.units.get(unit_id)
    place = (await uow.units.places([unit_id])).get(unit_id)
    if unit is None or place is None or (scope is not None and scope.isdisjoint(place.path)):
        raise unit_unknown(unit_id)
    return _placed(unit, place)


async def units_below(uow: UnitOfWork, scope: Scope) -> Scope:
    """The units of a scope and all below them, as of now; None for every unit."""
    return None if scope is None else await uow.units.below(scope)


def _placed(unit: Unit, place: Place) -> PlacedUnit:
    return PlacedUnit(unit, place, takes_part(unit, leaf=not place.children))
