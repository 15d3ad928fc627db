"""Compares the units that are registered here with the copies that the other services keep."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from workflow_service.application.ports import Difference, OpenUnitOfWork
from workflow_service.domain.organisation.unit import Unit, repeat

Versions = Mapping[str, int]
"""By unit, the latest change of it that a service has heard of."""


class Copies(Protocol):
    """What the other services know of units. Raises PeerUnavailable."""

    async def unit_versions(self) -> Mapping[str, Versions]:
        """By the service's name."""


async def reconcile_units(open_uow: OpenUnitOfWork, copies: Copies) -> list[Difference]:
    """Publish again what a copy lacks. This service owns the units: where a copy is ahead, because
    a change was undone here, the unit as it is here is published as a newer change.

    A unit that only copies have is listed. Raises PeerUnavailable.
    """
    there = await copies.unit_versions()
    async with open_uow() as uow:
        await uow.units.lock_tree()
        units = await uow.units.all()
        found = [one for unit in units.values() for one in _of_unit(unit, there)]
        for unit_id in sorted({one.unit_id for one in found if one.unit_id}):
            newest = max(versions.get(unit_id, 0) for versions in there.values())
            repeated, event = repeat(units[unit_id], newest)
            await uow.units.save([repeated])
            uow.record(event)
    return [*found, *_lost(units, there)]


def _of_unit(unit: Unit, there: Mapping[str, Versions]) -> Iterator[Difference]:
    for service, versions in sorted(there.items()):
        known = versions.get(unit.unit_id, 0)
        if known < unit.version:
            yield Difference("missing", "unit", unit_id=unit.unit_id, what=service)
        elif known > unit.version:
            yield Difference("contradictory", "unit", unit_id=unit.unit_id, what=service)


def _lost(units: Mapping[str, Unit], there: Mapping[str, Versions]) -> Iterator[Difference]:
    for unit_id in sorted(set().union(*there.values()) - units.keys()):
        knowing = ", ".join(sorted(s for s, versions in there.items() if unit_id in versions))
        yield Difference("orphan", "unit", unit_id=unit_id, what=knowing, code="unit-lost")
