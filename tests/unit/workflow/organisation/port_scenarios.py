"""What every implementation of the unit and template ports must do. Run on the fake in unit tests
and on PostgreSQL in integration tests; each scenario starts with an empty store."""

import copy
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from unit.workflow.pages import page
from unit.workflow.template.sample import DOCUMENT
from workflow_service.application.ports import Place, StoredTemplate
from workflow_service.domain.organisation.management import Management
from workflow_service.domain.organisation.unit import Unit, UnitFacts, dissolve
from workflow_service.domain.organisation.unit_change import (
    Change,
    Dissolve,
    Merge,
    NewUnit,
    PlannedChange,
    Split,
)
from workflow_service.domain.template.document import template_of

NewUnitOfWork = Callable[[], Any]
Scenario = Callable[[NewUnitOfWork], Awaitable[None]]

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
REGION = Unit(UnitFacts("region", "Region", "region", None, 0), 1)
REHAB = Unit(UnitFacts("rehab", "Rehabenheten Å", "unit", "region", 18), 2)


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
    ward = Unit(UnitFacts("ward", "Ward", "unit", "rehab", 9), 1)
    async with new() as uow:
        await uow.units.save([REHAB, REGION, ward])
    async with new() as uow:
        places = await uow.units.places(["region", "ward", "gone"])
        assert places == {
            "region": Place(("region",), ("rehab",)),
            "ward": Place(("region", "rehab", "ward"), ()),
        }
        assert await uow.units.places([]) == {}
        assert await uow.units.branches() == {"region": "region", "rehab": "rehab", "ward": "rehab"}
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


async def the_newest_word_about_a_manager_counts(new: NewUnitOfWork) -> None:
    vacant = Management("rehab", has_manager=False, since=NOW, version=2)
    async with new() as uow:
        # The people service may know a unit before it is registered here.
        assert await uow.managements.of(["rehab"]) == {}
        await uow.managements.keep(vacant)
        await uow.managements.keep(replace(vacant, has_manager=True, version=1))
    async with new() as uow:
        assert await uow.managements.of(["rehab", "gone"]) == {"rehab": vacant}
        assert await uow.managements.missing(page(0, 5)) == ([], 0)


async def a_merged_unit_is_below_its_successor_and_no_child_of_it(new: NewUnitOfWork) -> None:
    heart = Unit(UnitFacts("heart", "Heart", "unit", "region", 9), 1)
    merged, _ = dissolve(heart, NOW.date(), "rehab")
    async with new() as uow:
        await uow.units.save([REGION, REHAB, merged])
    async with new() as uow:
        assert (await uow.units.all())["heart"] == merged
        places = await uow.units.places(["rehab", "heart"])
        assert (places["heart"].path, places["rehab"].children) == (
            ("region", "rehab", "heart"),
            (),
        )
        assert await uow.units.below(["rehab"]) == {"rehab", "heart"}


async def changes_are_due_when_their_day_comes(new: NewUnitOfWork) -> None:
    today = NOW.date()
    changes: list[Change] = [
        Dissolve("rehab"),
        Merge(("rehab", "ward"), "heart", "Heart"),
        Split("rehab", (NewUnit("ward", "Ward", 4),)),
    ]
    planned = [
        PlannedChange(uuid4(), change, today + timedelta(days=n - 1), "Why", "anna", NOW)
        for n, change in enumerate(changes)
    ]
    async with new() as uow:
        for one in planned:
            await uow.unit_changes.add(one)
        assert await uow.unit_changes.due(today) == [one.change_id for one in planned[:2]]
        settled = planned[0].settled("refused", NOW, "It does not fit.")
        await uow.unit_changes.save(settled)
    async with new() as uow:
        assert await uow.unit_changes.due(today) == [planned[1].change_id]
        assert await uow.unit_changes.lock(settled.change_id) == settled
        assert await uow.unit_changes.lock(uuid4()) is None
        assert await uow.unit_changes.page(page(0, 2), None) == (planned[:0:-1], 3)
        assert await uow.unit_changes.page(page(0, 2), "refused") == ([settled], 1)


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
    the_newest_word_about_a_manager_counts,
    a_merged_unit_is_below_its_successor_and_no_child_of_it,
    changes_are_due_when_their_day_comes,
    templates_are_added_once_and_the_newest_is_found,
)
