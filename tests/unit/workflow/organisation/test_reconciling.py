"""Copies of units that lack something get it again; a unit that only they have is listed."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest

from unit.workflow.fakes import FakeUnitOfWork
from workflow_service.application.organisation.reconciling import reconcile_units
from workflow_service.application.ports import Difference
from workflow_service.domain.organisation.unit import Unit, UnitChanged, UnitFacts

REHAB = Unit(UnitFacts("rehab", "Rehab", "unit", None, 9), version=3)
Copies = dict[str, dict[str, int]]


class FakeCopies:
    """What other services know, and what they have heard since."""

    def __init__(self, known: Copies) -> None:
        self.known = known

    async def unit_versions(self) -> Mapping[str, Mapping[str, int]]:
        return self.known

    def hear(self, uow: FakeUnitOfWork) -> None:
        for event in uow.events:
            assert isinstance(event, UnitChanged)
            for copy in self.known.values():
                unit_id = event.facts.unit_id
                copy[unit_id] = max(event.version, copy.get(unit_id, 0))


async def compared(uow: FakeUnitOfWork, copies: FakeCopies) -> list[Difference]:
    @asynccontextmanager
    async def opened() -> AsyncIterator[FakeUnitOfWork]:
        yield uow

    return await reconcile_units(opened, copies)


@pytest.mark.parametrize(
    ("known", "kind", "service", "published"),
    [
        ({"content": {}, "people": {"rehab": 3}}, "missing", "content", 3),
        ({"content": {"rehab": 2}, "people": {"rehab": 3}}, "missing", "content", 3),
        ({"content": {"rehab": 3}, "people": {"rehab": 5}}, "contradictory", "people", 6),
    ],
)
async def test_a_copy_that_differs_gets_the_unit_again(
    known: Copies, kind: str, service: str, published: int
) -> None:
    uow, copies = FakeUnitOfWork(), FakeCopies(known)
    await uow.units.save([REHAB])
    (found,) = await compared(uow, copies)
    assert (found.kind, found.unit_id, found.what, found.code) == (kind, "rehab", service, "")
    assert uow.events == [UnitChanged(REHAB.facts, published)]
    copies.hear(uow)
    assert await compared(uow, copies) == []
    assert len(uow.events) == 1


async def test_a_unit_that_only_copies_have_is_left_for_a_person() -> None:
    uow = FakeUnitOfWork()
    copies = FakeCopies({"content": {"lost": 1}, "people": {"lost": 2}, "notification": {}})
    (found,) = await compared(uow, copies)
    assert (found.kind, found.unit_id, found.code) == ("orphan", "lost", "unit-lost")
    assert found.what == "content, people"
    assert uow.events == []


async def test_services_that_agree_have_no_difference() -> None:
    uow = FakeUnitOfWork()
    await uow.units.save([REHAB])
    assert await compared(uow, FakeCopies({"content": {"rehab": 3}})) == []
