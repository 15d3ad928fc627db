"""All units of a rollout at once: what is wanted, by branch, and within the caller's units."""

from dataclasses import dataclass, replace

import pytest

from unit.workflow.fakes import FakeUnitOfWork
from unit.workflow.rollout.samples import ROLLOUT_ID, uow_with_rollout
from workflow_service.application.ports import ALL_JOURNEYS, JourneyFilter
from workflow_service.application.rollout import board as boards
from workflow_service.application.rollout.board import get_board, list_unit_journeys, wanted_in
from workflow_service.domain.errors import DomainError
from workflow_service.domain.journey.journey import Journey, Status
from workflow_service.domain.organisation.unit import Unit, UnitFacts
from workflow_service.domain.template.template import STEPS, StepName

BRANCHES = {"care": ("pilot-1", "unit-1", "unit-2"), "traffic": ("pilot-2", "unit-3")}


@dataclass(frozen=True)
class Scope:
    trees: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()


@pytest.fixture
async def uow() -> FakeUnitOfWork:
    """The sample rollout in a region of two branches; the other units are roots."""
    uow = await uow_with_rollout()
    parts = {"region": None, **dict.fromkeys(BRANCHES, "region")}
    await uow.units.save(
        [Unit(UnitFacts(one, one.title(), "unit", above, 0), 1) for one, above in parts.items()]
    )
    for branch, below in BRANCHES.items():
        for unit_id in below:
            unit = uow.units.rows[unit_id]
            await uow.units.save([replace(unit, facts=replace(unit.facts, parent_id=branch))])
    return uow


def ids(board: boards.Board) -> list[str]:
    return [view.situation.journey.unit_id for view in board.journeys]


async def test_every_unit_is_in_its_branch(uow: FakeUnitOfWork) -> None:
    board = await get_board(ROLLOUT_ID, ALL_JOURNEYS, None, None, uow)
    assert len(board.journeys) == 10
    assert [board.branch_of[one] for one in ("unit-1", "unit-3", "unit-6")] == [
        *("care", "traffic", "unit-6")
    ]
    assert {"care": "Care", "traffic": "Traffic"}.items() <= {
        one.unit_id: one.facts.name for one in board.branches
    }.items()


async def test_a_branch_is_all_below_it(uow: FakeUnitOfWork) -> None:
    board = await get_board(ROLLOUT_ID, JourneyFilter(wave=0), None, "care", uow)
    assert ids(board) == ["pilot-1"]
    assert {"care", "traffic"} <= {one.unit_id for one in board.branches}, "to choose another"
    assert ids(await get_board(ROLLOUT_ID, ALL_JOURNEYS, None, "unknown", uow)) == []


async def test_nothing_outside_of_the_callers_units_is_told(uow: FakeUnitOfWork) -> None:
    scope = Scope(trees=frozenset({"traffic"}), units=frozenset({"unit-1"}))
    board = await get_board(ROLLOUT_ID, ALL_JOURNEYS, scope, None, uow)
    assert ids(board) == ["pilot-2", "unit-1", "unit-3"]
    assert {one.unit_id for one in board.branches} == {"care", "traffic"}
    assert ids(await get_board(ROLLOUT_ID, ALL_JOURNEYS, scope, "care", uow)) == ["unit-1"]
    within = (await wanted_in(ALL_JOURNEYS, scope, "region", uow)).unit_ids
    assert within is not None
    assert "unit-2" not in within


async def test_a_board_that_would_be_too_large_is_refused(
    uow: FakeUnitOfWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boards, "LARGEST", 9)
    with pytest.raises(DomainError, match="9 units at most, and these are 10"):
        await get_board(ROLLOUT_ID, ALL_JOURNEYS, None, None, uow)


async def test_a_units_journeys_are_for_those_who_see_the_unit(uow: FakeUnitOfWork) -> None:
    [found] = await list_unit_journeys("unit-1", None, uow)
    assert (found.rollout.rollout_id, found.journey.unit_id) == (ROLLOUT_ID, "unit-1")
    assert (found.manager.so_far, found.employee.so_far) == (0, 0)
    stored = await uow.templates.get(found.rollout.template_id)
    assert stored is not None
    asked = stored.template.minutes_asked
    assert found.manager.promised == sum(asked.manager.values())


@pytest.mark.parametrize(
    ("step", "status", "begun"),
    [
        ("preparation", "waiting", 0),
        ("preparation", "active", 1),
        ("modules", "paused", 3),
        ("modules", "stopped", 3),
        ("after_care", "completed", 5),
    ],
)
def test_the_steps_that_have_begun_ask_for_time(step: StepName, status: Status, begun: int) -> None:
    assert Journey(ROLLOUT_ID, "unit-1", 1, step, status).begun == STEPS[:begun]


async def test_a_units_journey_outside_the_scope_is_unknown(uow: FakeUnitOfWork) -> None:
    with pytest.raises(DomainError, match="unit-1"):
        await list_unit_journeys("unit-1", Scope(trees=frozenset({"traffic"})), uow)
