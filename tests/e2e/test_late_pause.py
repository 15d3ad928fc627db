"""A unit is paused while the workflow service cannot publish events, and its round falls due."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from devstack import Stack
from e2e.pilot import Administrator, prepare
from support.eventually import eventually
from support.stack import signed_in


@pytest.fixture
def unit() -> str:
    return f"late-pause-{uuid4().hex[:8]}"


class Round:
    """The unit's round, as its administrator sees it."""

    def __init__(self, stack: Stack, unit: str) -> None:
        self._unit = unit
        self._http = httpx.AsyncClient(
            base_url=stack.env["ASSESSMENT_URL"] + "/v1",
            headers=signed_in(stack, "administrator"),
            timeout=30,
        )

    async def read(self) -> dict[str, Any]:
        answer = await self._http.get(f"/rounds?unit_id={self._unit}")
        found: list[dict[str, Any]] = answer.raise_for_status().json()["items"]
        assert found
        return found[0]

    async def closes_at(self) -> datetime:
        return datetime.fromisoformat((await self.read())["closes_at"])


async def test_a_round_is_held_although_no_event_told_of_the_pause(stack: Stack, unit: str) -> None:
    administrator, round_ = Administrator(stack), Round(stack, unit)
    rollout = administrator.post("workflow", "/rollouts", prepare(administrator, unit))
    actions = f"/rollouts/{rollout['rollout_id']}/actions"
    for kind in ("risk_assessment", "joint_consultation"):
        recorded = {"wave": 0, "kind": kind, "reference": "RV 1", "recorded_on": "2026-01-02"}
        administrator.post("workflow", f"{actions}/record-prerequisite", recorded)
    administrator.post("workflow", f"{actions}/start-pilot", {})

    round_id = (await eventually(round_.read, within=60))["round_id"]
    await stack.stop("workflow-worker")
    try:
        soon = datetime.now(UTC) + timedelta(seconds=10)
        extended = {"closes_at": soon.isoformat(), "reason": "Test"}
        administrator.post("assessment", f"/rounds/{round_id}/extend", extended)
        began = datetime.now(UTC)
        body = {"unit_id": unit, "reason": "Moving house"}
        administrator.post("workflow", f"{actions}/pause-unit", body)
        assert datetime.now(UTC) < soon
        await asyncio.sleep((soon - datetime.now(UTC)).total_seconds() + 4)
        seen = await round_.read()
        assert (seen["status"], seen["held_since"] is None) == ("open", False)
    finally:
        await stack.start("workflow-worker", 120)

    administrator.post("workflow", f"{actions}/resume-unit", body)
    length = datetime.now(UTC) - began

    async def moved() -> timedelta:
        by = await round_.closes_at() - soon
        assert by > timedelta(0)
        return by

    by = await eventually(moved, within=60)
    assert length - timedelta(seconds=3) < by < length

    async def closed() -> bool:
        assert (await round_.read())["status"] != "open"
        return True

    await eventually(closed, within=90)
    assert await round_.closes_at() == soon + by, "the events of the pause counted again"
