"""Unit use cases against a unit of work in memory."""

import pytest

from unit.workflow.unit_fakes import FakeUnitsUnitOfWork
from workflow_service.application.unit_commands import AssignManager, ImportUnits
from workflow_service.application.unit_handlers import assign_manager, import_units
from workflow_service.application.unit_queries import get_unit, list_units
from workflow_service.domain.errors import DomainError
from workflow_service.domain.unit import UnitManagerAssigned

CSV = (
    b"unit_id;name;kind;parent_id;headcount;manager_id\n"
    b"region;Region;region;;;\n"
    b"rehab;Rehab;unit;region;18;m-0001\n"
)


@pytest.fixture
def uow() -> FakeUnitsUnitOfWork:
    return FakeUnitsUnitOfWork()


async def test_a_dry_run_tells_and_writes_nothing(uow: FakeUnitsUnitOfWork) -> None:
    plan = await import_units(ImportUnits(CSV, dry_run=True), uow)
    assert plan.added == ["region", "rehab"]
    assert (uow.units.rows, uow.events) == ({}, [])


async def test_an_import_writes_units_and_events(uow: FakeUnitsUnitOfWork) -> None:
    await import_units(ImportUnits(CSV, dry_run=False), uow)
    assert sorted(uow.units.rows) == ["region", "rehab"]
    assert len(uow.events) == 3
    await import_units(ImportUnits(CSV, dry_run=False), uow)
    assert len(uow.events) == 3


async def test_a_bad_file_writes_nothing(uow: FakeUnitsUnitOfWork) -> None:
    with pytest.raises(DomainError, match="1 thing is wrong"):
        await import_units(ImportUnits(CSV + b"x;X;unit;region;0;\n", dry_run=False), uow)
    assert (uow.units.rows, uow.events) == ({}, [])


async def test_assigning_a_manager(uow: FakeUnitsUnitOfWork) -> None:
    await import_units(ImportUnits(CSV, dry_run=False), uow)
    unit = await assign_manager(AssignManager("rehab", "m-0002", expected_version=2), uow)
    assert (unit.manager_id, unit.version) == ("m-0002", 3)
    assert uow.events[-1] == UnitManagerAssigned("rehab", "m-0002", 3)
    with pytest.raises(DomainError, match="no unit 'gone'"):
        await assign_manager(AssignManager("gone", "m-0002", None), uow)


async def test_units_are_read_in_their_place(uow: FakeUnitsUnitOfWork) -> None:
    await import_units(ImportUnits(CSV, dry_run=False), uow)
    placed = await get_unit(uow, "rehab")
    assert (placed.path, placed.children, placed.takes_part) == (("region", "rehab"), (), True)
    page, total = await list_units(uow, offset=0, limit=1)
    assert ([(p.unit.unit_id, p.children) for p in page], total) == ([("region", ("rehab",))], 2)
