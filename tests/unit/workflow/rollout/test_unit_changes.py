"""Units move, end and merge on a day; journeys, access and the import follow."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from support.scopes import trees
from unit.workflow.clock import NOW
from unit.workflow.fakes import FakeUnitOfWork
from unit.workflow.organisation.unit_files import importing
from unit.workflow.rollout.samples import ADMINISTRATOR, ROLLOUT_ID, uow_with_rollout
from workflow_service.application.organisation.handlers import import_units
from workflow_service.application.organisation.queries import get_unit
from workflow_service.application.rollout.commands import PlanUnitChange
from workflow_service.application.rollout.unit_changes import (
    Preview,
    apply_unit_change,
    cancel_unit_change,
    plan_unit_change,
)
from workflow_service.domain.errors import DomainError
from workflow_service.domain.journey.journey import JourneyStopped
from workflow_service.domain.organisation.unit import UnitChanged, UnitRegistered
from workflow_service.domain.organisation.unit_change import (
    Change,
    Dissolve,
    Merge,
    Move,
    NewUnit,
    Rename,
    Split,
)

TODAY = NOW.date()
REGION = b"unit_id,name,kind,parent_id,headcount\nregion,Region,region,,\neast,East,operation,,\n"


async def organisation() -> FakeUnitOfWork:
    """A rollout whose pilot runs, with the units region and east beside its own."""
    uow = await uow_with_rollout()
    await import_units(importing(REGION), uow)
    for unit_id in ("pilot-1", "pilot-2", "unit-1"):
        journey = uow.rollouts.units[ROLLOUT_ID][unit_id]
        uow.rollouts.units[ROLLOUT_ID][unit_id] = journey.started(NOW)
    uow.events.clear()
    return uow


async def plan(
    uow: FakeUnitOfWork, change: Change, on: date = TODAY, *, dry_run: bool = False
) -> Preview:
    command = PlanUnitChange(uuid4(), change, on, "New premises", ADMINISTRATOR, dry_run)
    return await plan_unit_change(command, uow)


async def carry_out(uow: FakeUnitOfWork, change: Change) -> Mapping[str, Any]:
    """Plan it for today, apply it, and return what is stored of it."""
    change_id = (await plan(uow, change)).planned.change_id
    await apply_unit_change(change_id, uow)
    stored = uow.unit_changes.rows[change_id]
    return {"status": stored.status, "refusal": stored.refusal, "id": change_id}


async def test_a_unit_that_moves_keeps_its_journey_and_is_seen_from_its_new_place() -> None:
    uow = await organisation()
    journeys = dict(uow.rollouts.units[ROLLOUT_ID])
    assert (await carry_out(uow, Move("pilot-1", "east")))["status"] == "applied"
    assert uow.rollouts.units[ROLLOUT_ID] == journeys
    assert (await get_unit(uow, trees("east"), "pilot-1")).place.path == ("east", "pilot-1")
    (event,) = uow.events
    assert isinstance(event, UnitChanged)
    assert (event.facts.parent_id, event.version) == ("east", 3)


async def test_a_dissolved_unit_ends_its_journey_with_the_reason_and_takes_no_part() -> None:
    uow = await organisation()
    await carry_out(uow, Dissolve("pilot-1"))
    assert uow.rollouts.units[ROLLOUT_ID]["pilot-1"].status == "stopped"
    assert uow.rollouts.history[ROLLOUT_ID][-1].reason == "Dissolved: New premises"
    assert JourneyStopped(ROLLOUT_ID, "pilot-1") in uow.events
    assert isinstance(uow.events[-1], UnitChanged)
    assert (uow.events[-1].dissolved_on, uow.events[-1].successor_id) == (TODAY, None)
    assert not (await get_unit(uow, None, "pilot-1")).takes_part


async def test_merged_units_end_in_the_receiver_whose_journey_goes_on() -> None:
    uow = await organisation()
    before = uow.rollouts.units[ROLLOUT_ID]["unit-1"]
    await carry_out(uow, Merge(("pilot-1", "pilot-2"), "unit-1"))
    journeys = uow.rollouts.units[ROLLOUT_ID]
    assert [journeys[u].status for u in ("pilot-1", "pilot-2")] == ["stopped", "stopped"]
    assert journeys["unit-1"] == before
    reasons = [one.reason for one in uow.rollouts.history[ROLLOUT_ID][-2:]]
    assert reasons == ["Merged into unit-1: New premises"] * 2
    receiver = await get_unit(uow, None, "unit-1")
    assert (receiver.unit.facts.headcount, receiver.takes_part) == (8 + 20 + 6, True)
    seen = await get_unit(uow, trees("unit-1"), "pilot-1")
    assert (seen.unit.successor_id, seen.place.path) == ("unit-1", ("unit-1", "pilot-1"))


async def test_units_merge_into_a_new_one_and_one_splits() -> None:
    uow = await organisation()
    await carry_out(uow, Merge(("pilot-1",), "both", "Both"))
    assert uow.units.rows["both"].facts.headcount == 20
    kept = uow.rollouts.units[ROLLOUT_ID]["unit-1"]
    await carry_out(uow, Split("unit-1", (NewUnit("part", "Part", 3),)))
    assert uow.rollouts.units[ROLLOUT_ID]["unit-1"] == kept
    assert "part" not in uow.rollouts.units[ROLLOUT_ID]
    assert uow.units.rows["unit-1"].facts.headcount == 5
    assert isinstance(uow.events[-1], UnitRegistered)


async def test_a_preview_tells_what_ends_and_writes_nothing() -> None:
    uow = await organisation()
    uow.rollouts.round_times[ROLLOUT_ID, "pilot-1", "baseline"] = (NOW + timedelta(days=1), NOW)
    found = await plan(uow, Dissolve("pilot-1"), dry_run=True)
    assert [journey.unit_id for journey in found.ending] == ["pilot-1"]
    assert (found.open_rounds, found.people) == ([(ROLLOUT_ID, "pilot-1")], 20)
    assert (uow.unit_changes.rows, uow.events) == ({}, [])


async def test_a_change_is_applied_once_and_a_cancelled_one_never() -> None:
    uow = await organisation()
    done = await carry_out(uow, Rename("pilot-1", "New"))
    assert await apply_unit_change(done["id"], uow) == []
    assert len(uow.events) == 1
    later = (await plan(uow, Dissolve("pilot-1"), TODAY + timedelta(days=30))).planned
    assert await uow.unit_changes.due(TODAY) == []
    await cancel_unit_change(later.change_id, uow)
    assert await apply_unit_change(later.change_id, uow) == []
    assert len(uow.events) == 1
    for change_id, code in (
        (later.change_id, "unit-change-settled"),
        (done["id"], "unit-change-settled"),
        (uuid4(), "unit-change-unknown"),
    ):
        with pytest.raises(DomainError) as caught:
            await cancel_unit_change(change_id, uow)
        assert caught.value.code == code


async def test_what_does_not_fit_any_more_on_its_day_is_refused_and_changes_nothing() -> None:
    uow = await organisation()
    planned = (await plan(uow, Merge(("pilot-1",), "pilot-2"))).planned
    await carry_out(uow, Dissolve("pilot-2"))
    events = list(uow.events)
    assert await apply_unit_change(planned.change_id, uow) == []
    stored = uow.unit_changes.rows[planned.change_id]
    assert (stored.status, uow.events) == ("refused", events)
    assert "pilot-2 was dissolved" in (stored.refusal or "")
    assert not uow.rollouts.units[ROLLOUT_ID]["pilot-1"].ended


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        (Move("gone", "east"), "/change/unit_id"),
        (Move("east", "east"), "/change/parent_id"),
        (Move("east", "pilot-1"), "/change/parent_id"),
        (Merge(("pilot-1", "pilot-1"), "unit-1"), "/change/unit_ids"),
        (Merge(("unit-1",), "unit-1"), "/change/unit_ids"),
        (Merge(("unit-1",), "gone"), "/change/into"),
        (Merge(("unit-1",), "pilot-1", "There already"), "/change/into"),
        (Split("unit-1", (NewUnit("pilot-1", "X", 1),)), "/change/new_units/0/unit_id"),
    ],
)
async def test_what_is_impossible_is_named(change: Change, pointer: str) -> None:
    uow = await organisation()
    with pytest.raises(DomainError) as caught:
        await plan(uow, change)
    assert caught.value.code == "unit-change-impossible"
    assert [error["pointer"] for error in caught.value.errors] == [pointer]
    assert uow.unit_changes.rows == {}


@pytest.mark.parametrize("days", [-15, 733])
async def test_a_day_long_ago_or_far_ahead_is_refused(days: int) -> None:
    uow = await organisation()
    with pytest.raises(DomainError, match="choose a day from 2"):
        await plan(uow, Dissolve("pilot-1"), TODAY + timedelta(days=days))


async def test_an_import_leaves_out_dissolved_units_and_puts_none_below_them() -> None:
    uow = await organisation()
    await carry_out(uow, Dissolve("unit-2"))
    dissolved = uow.units.rows["unit-2"]
    lagging = REGION + b"unit-2,Back,unit,east,9\n"
    done = await import_units(importing(lagging), uow)
    assert (done.dissolved, uow.units.rows["unit-2"]) == (["unit-2"], dissolved)
    assert "unit-2" not in done.absent
    with pytest.raises(DomainError) as caught:
        await import_units(importing(lagging + b"team,Team,unit,unit-2,3\n"), uow)
    assert "Unit unit-2 was dissolved" in caught.value.errors[0]["detail"]
