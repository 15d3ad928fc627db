"""What every implementation of the unit and template ports must do. Run on the fake in unit tests
and on PostgreSQL in integration tests; each scenario starts with an empty store."""

import copy
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from unit.workflow.pages import page
from unit.workflow.template.sample import DOCUMENT
from workflow_service.application.ports import Place, StoredTemplate
from workflow_service.domain.organisation.unit import Unit, UnitFacts
from workflow_service.domain.template.document import template_of

NewUnitOfWork = Callable[[], Any]
Scenario = Callable[[NewUnitOfWork], Awaitable[None]]

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
REGION = Unit(UnitFacts("region", "Region", "region", None, 0), None, 1)
REHAB = Unit(UnitFacts("rehab", "Rehabenheten Å", "unit", "region", 18), "m-0001", 2)


def template(version: int, **changes: object) -> StoredTemplate:
    document = {**copy.deepcopy(DOCUMENT), "version": version, **changes}
    return StoredTemplate(template_of(document), document, NOW)


async def units_are_read_as_written(new: NewUnitOfWork) -> None:
    async with new() as uow:
        await uow.units.lock_tree()
        # The child before its parent: one file may have them in any order.
        await uow.units.save([REHAB, REGION])
        await uow.units.save([])
    async with new() as uow:
        assert await uow.units.all() == {"region": REGION, "rehab": REHAB}
        assert await uow.units.get("rehab") == REHAB
        assert await uow.units.get("gone") is None
        assert await uow.units.page(page(1, 1), None) == ([REHAB], 2)
        assert await uow.units.page(page(0, 5), {"rehab", "gone"}) == ([REHAB], 1)
        assert await uow.units.page(page(0, 5), ()) == ([], 0)


async def units_have_their_place(new: NewUnitOfWork) -> None:
    ward = Unit(UnitFacts("ward", "Ward", "unit", "rehab", 9), None, 1)
    async with new() as uow:
        await uow.units.save([REHAB, REGION, ward])
    async with new() as uow:
        places = await uow.units.places(["region", "ward", "gone"])
        assert places == {
            "region": Place(("region",), ("rehab",)),
            "ward": Place(("region", "rehab", "ward"), ()),
        }
        assert await uow.units.places([]) == {}
        assert await uow.units.below(["rehab", "gone"]) == {"rehab", "ward"}
        assert await uow.units.below([]) == frozenset()


async def a_changed_unit_replaces_the_old(new: NewUnitOfWork) -> None:
    moved = replace(REHAB, facts=replace(REHAB.facts, parent_id=None, headcount=20), version=3)
    async with new() as uow:
        await uow.units.save([REGION, REHAB])
    async with new() as uow:
        await uow.units.lock_tree()
        await uow.units.save([moved])
        assert await uow.units.all() == {"region": REGION, "rehab": moved}


async def templates_are_added_once_and_the_newest_is_found(new: NewUnitOfWork) -> None:
    first, second = template(1), template(2)
    async with new() as uow:
        assert await uow.templates.add(first)
        assert await uow.templates.add(second)
    async with new() as uow:
        assert not await uow.templates.add(template(1, name={"sv": "Annan", "en": "Other"}))
        assert await uow.templates.get("um", 1) == first
        assert await uow.templates.get("um") == second
        assert await uow.templates.get("um", 3) is None
        assert await uow.templates.get("gone") is None
        assert await uow.templates.page(page(0, 1)) == ([first], 2)


SCENARIOS: tuple[Scenario, ...] = (
    units_are_read_as_written,
    units_have_their_place,
    a_changed_unit_replaces_the_old,
    templates_are_added_once_and_the_newest_is_found,
)
