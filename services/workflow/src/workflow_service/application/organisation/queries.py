"""Reads of units and their place in the tree."""

from dataclasses import dataclass
from typing import Protocol

from workflow_service.application.organisation.handlers import unit_unknown
from workflow_service.application.ports import PageOf, Place, UnitOfWork
from workflow_service.domain.organisation.management import Management
from workflow_service.domain.organisation.unit import Unit, takes_part


class UnitScope(Protocol):
    """The units that a caller's roles cover: `units` alone, and `trees` with all below them."""

    @property
    def trees(self) -> frozenset[str]: ...

    @property
    def units(self) -> frozenset[str]: ...


Scope = UnitScope | None
"""What the caller's roles cover; None means every unit."""


@dataclass(frozen=True, slots=True)
class PlacedUnit:
    """A unit in its place, whether it can have a journey of its own, and what is known of its
    manager; None if nothing was said of one yet."""

    unit: Unit
    place: Place
    takes_part: bool
    management: Management | None


async def list_units(
    uow: UnitOfWork, scope: Scope, page: PageOf, parent_id: str | None = None
) -> tuple[list[PlacedUnit], int]:
    """One page of the scope's units in id order, and how many there are in all; with a parent,
    of those directly below it that are not dissolved."""
    within = await units_in(uow, scope)
    if parent_id is not None:
        parent = (await uow.units.places([parent_id])).get(parent_id)
        below = frozenset(parent.children if parent else ())
        within = below if within is None else within & below
    units, total = await uow.units.page(page, within)
    ids = [unit.unit_id for unit in units]
    places, managements = await uow.units.places(ids), await uow.managements.of(ids)
    return [
        _placed(unit, places[unit.unit_id], managements.get(unit.unit_id)) for unit in units
    ], total


async def get_unit(uow: UnitOfWork, scope: Scope, unit_id: str) -> PlacedUnit:
    """One unit in its place. Raises DomainError `unit-unknown`, also for one outside the scope."""
    unit = await uow.units.get(unit_id)
    place = (await uow.units.places([unit_id])).get(unit_id)
    if unit is None or place is None or not _covers(scope, unit_id, place):
        raise unit_unknown(unit_id)
    return _placed(unit, place, (await uow.managements.of([unit_id])).get(unit_id))


async def units_in(uow: UnitOfWork, scope: Scope) -> frozenset[str] | None:
    """The units that a scope covers, as of now; None for every unit."""
    return None if scope is None else scope.units | await uow.units.below(scope.trees)


def _covers(scope: Scope, unit_id: str, place: Place) -> bool:
    return scope is None or unit_id in scope.units or not scope.trees.isdisjoint(place.path)


def _placed(unit: Unit, place: Place, management: Management | None) -> PlacedUnit:
    return PlacedUnit(unit, place, takes_part(unit, leaf=not place.children), management)
