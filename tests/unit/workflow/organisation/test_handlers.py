"""Unit use cases against a unit of work in memory."""

import threading
from typing import Any

import pytest

from servicekit.auth import Scope
from support.scopes import only, trees
from unit.workflow.clock import NOW
from unit.workflow.fakes import FakeUnitOfWork
from unit.workflow.organisation.unit_files import importing
from unit.workflow.pages import page
from unit.workflow.rollout.samples import uow_with_rollout
from workflow_service.application.organisation import handlers
from workflow_service.application.organisation.commands import NoteManager
from workflow_service.application.organisation.handlers import import_units, note_manager
from workflow_service.application.organisation.queries import get_unit, list_units
from workflow_service.application.ports import Place
from workflow_service.domain.errors import DomainError
from workflow_service.domain.organisation.management import Management
from workflow_service.domain.organisation.unit_import import ImportPlan, plan_import

CSV = b"unit_id;name;kind;parent_id;headcount\nregion;Region;region;;\nrehab;Rehab;unit;region;18\n"


@pytest.fixture
def uow() -> FakeUnitOfWork:
    return FakeUnitOfWork()


async def test_a_dry_run_tells_and_writes_nothing(uow: FakeUnitOfWork) -> None:
    plan = await import_units(importing(CSV, dry_run=True), uow)
    assert plan.added == ["region", "rehab"]
    assert (uow.units.rows, uow.events) == ({}, [])


async def test_an_import_writes_units_and_events(uow: FakeUnitOfWork) -> None:
    await import_units(importing(CSV), uow)
    assert sorted(uow.units.rows) == ["region", "rehab"]
    assert len(uow.events) == 2
    await import_units(importing(CSV), uow)
    assert len(uow.events) == 2


async def test_a_bad_file_writes_nothing(uow: FakeUnitOfWork) -> None:
    with pytest.raises(DomainError, match="1 thing is wrong"):
        await import_units(importing(CSV + b"x;X;unit;region;-1\n"), uow)
    assert (uow.units.rows, uow.events) == ({}, [])


async def test_a_file_is_planned_in_a_thread(
    uow: FakeUnitOfWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = []

    def planned(*arguments: Any) -> ImportPlan:
        threads.append(threading.current_thread())
        return plan_import(*arguments)

    monkeypatch.setattr(handlers, "plan_import", planned)
    assert (await import_units(importing(CSV), uow)).added == ["region", "rehab"]
    assert threads != [threading.current_thread()]


async def test_a_unit_has_a_manager_from_when_the_people_service_says_so(
    uow: FakeUnitOfWork,
) -> None:
    await import_units(importing(CSV), uow)
    assert (await get_unit(uow, None, "rehab")).management is None
    for has_manager, version in ((True, 1), (False, 3), (True, 2)):
        await note_manager(NoteManager("rehab", has_manager, NOW, version), uow)
    placed = await get_unit(uow, None, "rehab")
    assert placed.management == Management("rehab", False, NOW, 3)


async def test_units_are_read_in_their_place(uow: FakeUnitOfWork) -> None:
    await import_units(importing(CSV), uow)
    placed = await get_unit(uow, None, "rehab")
    assert placed.place == Place(("region", "rehab"), ())
    assert placed.takes_part
    (first,), total = await list_units(uow, None, page(0, 1))
    assert (first.unit.unit_id, first.place.children, total) == ("region", ("rehab",), 2)


@pytest.mark.parametrize(
    ("scope", "seen"),
    [
        (None, ["other", "region", "rehab"]),
        (trees("region"), ["region", "rehab"]),
        (only("region"), ["region"]),
        (only("rehab", "gone"), ["rehab"]),
        (trees("rehab", "gone"), ["rehab"]),
        (trees(), []),
    ],
)
async def test_a_scope_holds_its_units_and_the_trees_below(
    uow: FakeUnitOfWork, scope: Scope | None, seen: list[str]
) -> None:
    more = CSV + b"other;Other;unit;;5\n"
    await import_units(importing(more), uow)

    found, total = await list_units(uow, scope, page(0, 9))
    assert ([placed.unit.unit_id for placed in found], total) == (seen, len(seen))
    for unit_id in ("other", "region", "rehab"):
        if unit_id in seen:
            assert (await get_unit(uow, scope, unit_id)).unit.unit_id == unit_id
        else:
            with pytest.raises(DomainError, match=f"no unit '{unit_id}'"):
                await get_unit(uow, scope, unit_id)


@pytest.mark.parametrize(
    ("scope", "seen"),
    [
        (None, ["rehab", "ward"]),
        (trees("region"), ["rehab", "ward"]),
        (only("region", "ward"), ["ward"]),
    ],
)
async def test_the_units_directly_below_one(
    uow: FakeUnitOfWork, scope: Scope | None, seen: list[str]
) -> None:
    more = CSV + b"ward;Ward;unit;region;5\nteam;Team;unit;ward;5\n"
    await import_units(importing(more), uow)
    found, total = await list_units(uow, scope, page(0, 9), "region")
    assert ([placed.unit.unit_id for placed in found], total) == (seen, len(seen))
    assert await list_units(uow, scope, page(0, 9), "gone") == ([], 0)


@pytest.mark.parametrize("dry_run", [True, False])
async def test_no_unit_is_put_below_one_whose_journey_is_under_way(dry_run: bool) -> None:
    uow = await uow_with_rollout()
    below = CSV + b"team;Team;unit;unit-1;5\n"
    with pytest.raises(DomainError) as caught:
        await import_units(importing(below, dry_run=dry_run), uow)

    (error,) = caught.value.errors
    assert error["pointer"] == "/rows/4/parent_id"
    assert "Unit unit-1 has a journey under way," in error["detail"]
