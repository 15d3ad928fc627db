"""All units of a rollout at once: what is wanted, by branch, and within the caller's units."""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import uuid4

import pytest

from unit.workflow.clock import NOW
from unit.workflow.fakes import FakeUnitOfWork
from unit.workflow.pages import page
from unit.workflow.rollout.samples import ROLLOUT_ID, uow_with_rollout
from workflow_service.application.ports import ALL_JOURNEYS, JourneyFilter
from workflow_service.application.rollout import board as boards
from workflow_service.application.rollout.board import (
    Branch,
    get_board,
    list_unit_journeys,
    wanted_in,
)
from workflow_service.application.rollout.queries import list_journeys
from workflow_service.domain.errors import DomainError
from workflow_service.domain.journey.journey import Journey, Status
from workflow_service.domain.journey.pauses import Hold
from workflow_service.domain.organisation.management import Management
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
    return [unit.unit_id for unit in board.units]


async def test_every_unit_is_in_its_branch(uow: FakeUnitOfWork) -> None:
    board = await get_board(ROLLOUT_ID, ALL_JOURNEYS, None, None, uow)
    assert len(board.units) == board.counts["waiting"] == 10
    branch_of = {one.unit_id: one.branch for one in board.units}
    assert [branch_of[one] for one in ("unit-1", "unit-3", "unit-6")] == [
        *("care", "traffic", "unit-6")
    ]
    assert {Branch("care", "Care"), Branch("traffic", "Traffic")} <= set(board.branches)


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


async def test_what_a_unit_waits_for_is_as_in_the_list(uow: FakeUnitOfWork) -> None:
    """Waiting, active (with and without something to wait for), paused, elsewhere, ended."""
    journeys = uow.rollouts.units[ROLLOUT_ID]
    started = journeys["pilot-1"].started(NOW - timedelta(days=400))
    changed = [
        started,
        replace(journeys["pilot-2"].started(NOW), step="modules", asked_at=None),
        journeys["pilot-3"].started(NOW).paused("x", NOW),
        journeys["unit-1"].started(NOW).stopped(),
    ]
    await uow.managements.keep(Management("pilot-1", True, NOW, 1))
    await uow.rollouts.save_journeys(changed)
    other = replace(uow.rollouts.rows[ROLLOUT_ID], rollout_id=uuid4())
    created = uow.rollouts.history[ROLLOUT_ID][0]
    away = replace(journeys["unit-2"].started(NOW), rollout_id=other.rollout_id)
    await uow.rollouts.add(other, [away], created)
    for pauses in ((), (Hold(NOW),)):
        uow.rollouts.rows[ROLLOUT_ID] = replace(uow.rollouts.rows[ROLLOUT_ID], pauses=pauses)
        listed, _ = await list_journeys(ROLLOUT_ID, ALL_JOURNEYS, page(0, 100), uow)
        board = await get_board(ROLLOUT_ID, ALL_JOURNEYS, None, None, uow)
        waiting_for = {one.unit_id: one.waiting_for for one in board.units}
        assert waiting_for == {
            one.situation.journey.unit_id: one.outlook.waiting_for for one in listed
        }
        assert waiting_for["pilot-1"] == (("rollout-paused",) if pauses else ())
        assert "unit-in-other-rollout" in waiting_for["unit-2"]
        assert waiting_for["unit-1"] == ("stopped",)


async def test_a_board_that_would_be_too_large_is_refused(
    uow: FakeUnitOfWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boards, "LARGEST", 9)
    with pytest.raises(DomainError, match="9 units at most, and these are more"):
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
