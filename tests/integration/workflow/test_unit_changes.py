"""A change of the organisation over HTTP and on PostgreSQL: previewed, planned, applied once."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from integration.workflow.programme import Programme
from workflow_service.domain.calendar import civil_date
from workflow_service.entrypoints.jobs import apply_due_changes

TODAY = civil_date(datetime.now(UTC))
MERGE = {"kind": "merge", "unit_ids": ["pilot-a"], "into": "unit-a"}

RENAME = {"kind": "rename", "unit_id": "unit-a", "name": "New"}


async def plan(
    programme: Programme,
    change: dict[str, Any],
    days: int = 0,
    query: str = "",
    who: str = "administrator",
    key: str | None = None,
) -> httpx.Response:
    body = {"change": change, "effective_on": str(TODAY + timedelta(days=days)), "reason": "Why"}
    return await programme.call(who, "POST", f"/unit-changes{query}", key, json=body)


async def outbox(programme: Programme) -> list[str]:
    async with programme.app.uow() as uow:
        rows = await uow.connection.execute(text("select type, key from outbox order by id"))
        return [f"{row.type} {row.key}" for row in rows]


async def apply(programme: Programme) -> None:
    await apply_due_changes(programme.app.uow, programme.app.engine)


async def test_a_merger_ends_one_journey_once_although_several_processes_apply_it(
    programme: Programme,
) -> None:
    async with programme.worker():
        await programme.act("start_pilot")
        await programme.reach(["pilot-a"], "baseline")
        preview = await plan(programme, MERGE, query="?dry_run=true")
        assert preview.status_code == 201, preview.text
        assert [one["unit_id"] for one in preview.json()["ending_journeys"]] == ["pilot-a"]
        assert preview.json()["people"] == 20 + 30
        key = "the-same-key-0001"
        planned = (await plan(programme, MERGE, key=key)).json()["planned"]
        assert (await plan(programme, MERGE, key=key)).json()["planned"] == planned
        before = len(await outbox(programme))
        await asyncio.gather(*(apply(programme) for _ in range(3)))
        await apply(programme)
        journeys = await programme.journeys()
        assert journeys["pilot-a"]["status"] == "stopped"
        assert journeys["pilot-b"]["status"] == "active"
    assert (await outbox(programme))[before:] == [
        f"workflow.journey.stopped.v1 {programme.rollout_id}:pilot-a",
        "workflow.unit.changed.v1 unit-a",
        "workflow.unit.changed.v1 pilot-a",
    ]
    listed = (await programme.call("administrator", "GET", "/unit-changes")).json()
    assert [(one["change_id"], one["status"]) for one in listed["items"]] == [
        (planned["change_id"], "applied")
    ]
    unit = (await programme.call("administrator", "GET", "/units/pilot-a")).json()
    assert (unit["successor_id"], unit["dissolved_on"]) == ("unit-a", str(TODAY))
    assert unit["path"] == ["region", "unit-a", "pilot-a"]
    receiver = (await programme.call("administrator", "GET", "/units/unit-a")).json()
    assert (receiver["children"], receiver["headcount"], receiver["takes_part"]) == ([], 50, True)


async def test_a_change_of_a_later_day_waits_for_it_and_can_be_cancelled(
    programme: Programme,
) -> None:
    planned = (await plan(programme, {"kind": "dissolve", "unit_id": "unit-c"}, days=3)).json()
    path = f"/unit-changes/{planned['planned']['change_id']}/cancel"
    await apply(programme)
    listed = await programme.call("administrator", "GET", "/unit-changes?status=planned")
    assert listed.json()["total"] == 1
    cancelled = await programme.call("administrator", "POST", path)
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    again = await programme.call("administrator", "POST", path)
    assert (again.status_code, again.json()["code"]) == (409, "unit-change-settled")


@pytest.mark.parametrize(
    ("who", "change", "days", "status", "code"),
    [
        ("manager", MERGE, 0, 403, "role-missing"),
        ("administrator", MERGE, -30, 422, "unit-change-day"),
        ("administrator", {**MERGE, "into": "gone"}, 0, 409, "unit-change-impossible"),
        ("administrator", {"kind": "explode", "unit_id": "unit-a"}, 0, 422, "invalid-request"),
        (
            "administrator",
            {"kind": "rename", "unit_id": "x", "name": " "},
            0,
            422,
            "invalid-request",
        ),
    ],
)
async def test_refusals(
    programme: Programme, who: str, change: dict[str, Any], days: int, status: int, code: str
) -> None:
    answer = await plan(programme, change, days, who=who)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
