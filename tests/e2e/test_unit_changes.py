"""A unit under way is merged into another: every service follows, by events alone."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest

from devstack import Stack
from e2e.pilot import Administrator, prepare
from support.eventually import eventually
from support.stack import signed_in


@pytest.fixture
def unit() -> str:
    return f"merged-{uuid4().hex[:8]}"


async def test_a_merged_unit_ends_and_its_people_and_history_are_the_successors(
    stack: Stack, unit: str
) -> None:
    administrator, successor = Administrator(stack), f"{unit}-later"
    rollout = administrator.post("workflow", "/rollouts", prepare(administrator, unit))
    actions = f"/rollouts/{rollout['rollout_id']}/actions"
    for kind in ("risk_assessment", "joint_consultation"):
        recorded = {"wave": 0, "kind": kind, "reference": "RV 1", "recorded_on": "2026-01-02"}
        administrator.post("workflow", f"{actions}/record-prerequisite", recorded)
    administrator.post("workflow", f"{actions}/start-pilot", {})
    headers = signed_in(stack, "administrator")
    async with httpx.AsyncClient(headers=headers, timeout=30) as http:

        async def read(service: str, path: str) -> Any:
            answer = await http.get(f"{stack.env[service.upper() + '_URL']}/v1{path}")
            return answer.raise_for_status().json()

        async def a_round(status: str) -> bool:
            found = (await read("assessment", f"/rounds?unit_id={unit}"))["items"]
            assert [round_["status"] != "open" for round_ in found] == [status != "open"]
            return True

        await eventually(lambda: a_round("open"), within=60)
        today = datetime.now(UTC).astimezone(ZoneInfo("Europe/Stockholm")).date()
        merge = {"kind": "merge", "unit_ids": [unit], "into": successor}
        plan = {"change": merge, "effective_on": str(today), "reason": "One staff"}
        await asyncio.to_thread(administrator.post, "workflow", "/unit-changes", plan)

        async def ended() -> bool:
            path = f"/rollouts/{rollout['rollout_id']}/journeys"
            journeys = {j["unit_id"]: j for j in (await read("workflow", path))["items"]}
            assert journeys[unit]["status"] == "stopped"
            assert journeys[successor]["status"] == "waiting"
            return True

        async def moved() -> bool:
            persons = (await read("people", "/persons?limit=200"))["items"]
            (employee,) = [one for one in persons if one["person_id"] == f"{unit}-1"]
            units = {one["unit_id"]: one["valid_to"] for one in employee["assignments"]}
            assert successor in units, "people has not moved them yet"
            assert (units[unit] < str(today), units[successor]) == (True, None)
            return True

        await eventually(ended, within=60)
        await eventually(lambda: a_round("closed"), within=60)
        await eventually(moved, within=60)
