"""Every change that somebody makes is noted once, with its effect, also if it is tried again."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from integration.workflow.programme import PILOTS, UNITS, Programme
from servicekit.settings import Database
from support.audit import Trail, noted_actions
from workflow_service.application.ports import ActionRequest
from workflow_service.application.rollout.commands import PerformAction
from workflow_service.domain.calendar import civil_date
from workflow_service.domain.rollout.commands import COMMANDS
from workflow_service.domain.rollout.eyes import acting
from workflow_service.domain.rollout.standstill import Pause
from workflow_service.temporal.activities import Activities

CSV = {"content-type": "text/csv"}
MAPPING = {"columns": {"unit_id": "Enhet"}}


@pytest.fixture
def trail(database: Database) -> Trail:
    return Trail(database)


async def units(programme: Programme, content: str, query: str = "") -> None:
    path = f"/units/import{query}"
    answer = await programme.call(
        "administrator", "POST", path, content=content.encode(), headers=CSV
    )
    assert answer.is_success, answer.text


async def test_what_is_prepared_is_noted(programme: Programme, trail: Trail) -> None:
    lines = await trail.new()
    imported, *of_units = [line for line in lines if line.action == "units.change/import_units"]
    assert imported[2:] == ("units", None, {"added": 6, "changed": 0, "unchanged": 0}, "")
    facts = {"name": "Sample pilot-a", "kind": "unit", "parent_id": "region", "headcount": 20}
    (pilot,) = [line for line in of_units if line.subject == "unit/pilot-a"]
    assert (pilot.before, pilot.after) == (None, facts)
    assert len(of_units) == 6
    (template,) = [line for line in lines if line.action == "templates.publish/register_template"]
    assert (template.subject, template.after) == ("template/um", {"version": 1})
    (created,) = [line for line in lines if line.action == "rollouts.act/create_rollout"]
    assert created.subject == f"rollout/{programme.rollout_id}"
    assert created.after["pilot_unit_ids"] == list(PILOTS)

    await units(programme, UNITS)
    await units(programme, UNITS.replace(",20\n", ",21\n"), "?dry_run=true")
    assert await trail.new() == []
    await units(programme, UNITS.replace(",20\n", ",21\n"))
    counted, changed = await trail.new()
    assert counted.after == {"added": 0, "changed": 1, "unchanged": 5}
    assert changed[2:] == ("unit/pilot-a", {"headcount": 20}, {"headcount": 21}, "")
    read = await programme.call("auditor", "GET", "/audit?subject=unit/pilot-a")
    assert [line["action"] for line in read.json()["items"]] == ["units.change/import_units"] * 2


async def test_a_change_of_units_is_noted_when_planned_and_when_cancelled(
    programme: Programme, trail: Trail
) -> None:
    await trail.new()
    change = {"kind": "rename", "unit_id": "pilot-a", "name": "New"}
    day = str(civil_date(datetime.now(UTC) + timedelta(days=30)))
    body = {"change": change, "effective_on": day, "reason": "Why"}

    async def ask(path: str) -> Any:
        for _ in range(2):
            answer = await programme.call("administrator", "POST", path, path * 2, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    await ask("/unit-changes?dry_run=true")
    assert await trail.new() == []
    change_id = (await ask("/unit-changes"))["planned"]["change_id"]
    planned = await trail.one()
    assert planned.action == "units.change/plan_unit_change"
    assert (planned.subject, planned.reason) == (f"unit-change/{change_id}", "Why")
    assert planned.after["effective_on"] == day
    assert planned.after["change"].items() >= {"unit_id": "pilot-a", "name": "New"}.items()
    await ask(f"/unit-changes/{change_id}/cancel")
    cancelled = await trail.one()
    assert cancelled[1:] == (
        "units.change/cancel_unit_change",
        planned.subject,
        {"status": "planned"},
        {"status": "cancelled"},
        "",
    )


def test_every_other_operation_is_an_action_of_a_rollout_or_saves_a_mapping(
    programme: Programme,
) -> None:
    operations = {action.partition("/")[2] for action in noted_actions(programme.app.api())}
    prepared = {"import_units", "register_template", "create_rollout"}
    unit_changes = {"plan_unit_change", "cancel_unit_change"}
    mappings = {"save_mapping", "remove_mapping"}
    assert operations == {*COMMANDS, *prepared, *unit_changes, *mappings}


async def test_an_action_is_noted_by_its_effect(programme: Programme, trail: Trail) -> None:
    await trail.new()
    key = str(uuid4())
    async with programme.worker():
        for _ in range(2):
            await programme.act("start_pilot", key=key)
        started = await trail.one()
        assert (await programme.ask("start_pilot")).status_code == 409
        assert (await programme.ask("stop_unit", unit_id="x", reason="x")).status_code == 409
        assert await trail.new() == []
        await programme.act("pause", reason="Summer")
        paused = await trail.one()
        await programme.act("resume", reason="Autumn")
        await trail.new()
    assert started.action == "rollouts.act/start_pilot"
    assert started.subject == f"rollout/{programme.rollout_id}"
    assert (started.before["phase"], started.after["phase"]) == ("preparation", "pilot")
    assert (paused.before["status"], paused.after["status"]) == ("active", "paused")
    assert (paused.reason, paused.after["parameters"]) == ("Summer", {})


async def test_an_attempt_that_is_repeated_leaves_one_line(
    programme: Programme, trail: Trail
) -> None:
    """The activity's answer was lost: Temporal tries again what is stored already."""
    await trail.new()
    activities = Activities(programme.app.uow, programme.peers, programme.app.engine)
    request = ActionRequest(Pause("Summer"), acting("delegate-1", "boss-1"), "request-1")
    command = PerformAction(programme.rollout_id, request)
    for _ in range(2):
        await activities.perform(command)
    await activities.advance(programme.rollout_id)
    line = await trail.one()
    assert (line.account, line.action) == ("delegate-1", "rollouts.act/pause")
    answer = await programme.call("auditor", "GET", "/audit", params={"account": "boss-1"})
    assert [each["on_behalf_of"] for each in answer.json()["items"]] == ["boss-1"]


async def test_a_decisions_reasons_are_not_noted(programme: Programme, trail: Trail) -> None:
    async with programme.worker():
        await programme.act("start_pilot")
        await programme.go_through(PILOTS)
        await programme.phase("evaluation")
        await trail.new()
        await programme.decide()
    proposed, approved = await trail.new()
    decision_id = proposed.after["parameters"]["decision_id"]
    assert UUID(decision_id)
    assert "It works." not in str(proposed)
    assert approved.action == "decisions.approve/approve_decision"
    assert approved.after["parameters"] == {"decision_id": decision_id}
    assert approved.account != proposed.account


async def test_a_saved_mapping_is_noted(programme: Programme, trail: Trail) -> None:
    await trail.new()

    async def ask(method: str, **request: Any) -> None:
        answer = await programme.call("administrator", method, "/import-mappings/hr", **request)
        assert answer.is_success, answer.text

    for _ in range(2):
        await ask("PUT", json=MAPPING)
    saved = await trail.one()
    assert (saved.subject, saved.before) == ("import_mapping/hr", None)
    await ask("DELETE")
    removed = await trail.one()
    assert (removed.action, removed.before) == (
        "import_mappings.change/remove_mapping",
        saved.after,
    )
