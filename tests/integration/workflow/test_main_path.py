"""The whole way of a rollout on a real Temporal and a real PostgreSQL."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text

from integration.workflow.programme import OTHERS, PILOTS, Programme
from support.eventually import eventually
from support.replay import replayer
from workflow_service.domain.journey.evidence import ActionCheckedBack, ActionChosen, MeetingHeld


async def replay(programme: Programme, name: str, *waves: int) -> None:
    """The histories just made replay; RECORD_HISTORIES=<folder> keeps them for later code."""
    for handle in await programme.handles(*waves):
        history = await handle.fetch_history()
        await replayer().replay_workflow(history)
        if "RECORD_HISTORIES" in os.environ:
            what = handle.id.replace(f":{programme.rollout_id}", "").replace(":", "-")
            file = Path(os.environ["RECORD_HISTORIES"]) / f"{name}-{what}.json"
            file.write_text(history.to_json() + "\n")


async def types_in_outbox(programme: Programme) -> list[tuple[str, dict[str, Any]]]:
    async with programme.app.uow() as uow:
        connection = uow.connection
        rows = await connection.execute(text("select type, payload from outbox order by id"))
        return [(row.type, json.loads(row.payload)) for row in rows]


async def test_pilot_decision_waves_and_after_care(programme: Programme) -> None:
    async with programme.worker():
        started = await programme.act("start_pilot", expected_version=1)
        assert (started["phase"], started["version"]) == ("pilot", 2)
        await programme.go_through(PILOTS)
        gate = (await programme.phase("evaluation"))["gate"]
        assert (gate["outcome"], gate["criteria"][0]["value"]) == ("pass", 75.0)

        await programme.decide()
        planned = await programme.act("plan_waves")
        assert [wave["unit_count"] for wave in planned["waves"]] == [2, 2, 1]
        assert list(await programme.journeys(query="?wave=1")) == ["unit-a", "unit-b"]
        await programme.record_prerequisites(1)
        await programme.record_prerequisites(2)
        await programme.act("start_broad_introduction")
        await programme.reach(OTHERS[:2], "baseline")
        assert (await programme.journeys())["unit-c"]["status"] == "waiting"

        await programme.go_through(OTHERS[:2])
        await programme.go_through(OTHERS[2:])
        done = await programme.phase("after_care")
        assert done["status"] == "completed"
        assert done["counts_by_step"] == {"after_care": 5}

    await replay(programme, "main", 0, 1, 2)
    history = await programme.call(
        "auditor", "GET", f"/rollouts/{programme.rollout_id}/history?limit=100"
    )
    versions = [each["version"] for each in history.json()["items"]]
    assert versions == list(range(done["version"], 0, -1))
    await assert_told(programme)
    assert_asked(programme)


async def assert_told(programme: Programme) -> None:
    recorded = await types_in_outbox(programme)
    steps = [(d["unit_id"], d["step"]) for kind, d in recorded if kind.endswith("step_started.v1")]
    named = {d["unit_id"] for kind, d in recorded if kind == "external.unit.completed.v1"}
    assert len(set(steps)) == 5 * len(OTHERS + PILOTS)
    assert named == {*PILOTS, *OTHERS} - {"pilot-b"}  # Five people: too few to be named.
    kinds = [kind for kind, _ in recorded]
    for once in ("external.decision.published.v1", "external.timetable.published.v1"):
        assert kinds.count(once) == 1
    assert kinds.count("workflow.journey.completed.v1") == 5
    assert kinds[-1] == "workflow.rollout.completed.v1"


def assert_asked(programme: Programme) -> None:
    asked = [(unit, c.occasion) for c in programme.peers.rounds for unit in c.unit_ids]
    assert sorted(asked) == sorted(
        (unit, occasion) for unit in OTHERS + PILOTS for occasion in ("baseline", "follow_up")
    )
    assigned = [unit for c in programme.peers.assignments for unit in c.unit_ids]
    assert sorted(assigned) == sorted(OTHERS + PILOTS)


async def test_a_hidden_result_is_inconclusive_until_a_person_overrides(
    programme: Programme,
) -> None:
    async with programme.worker():
        await programme.act("start_pilot")
        await programme.reach(PILOTS, "baseline")
        await programme.release(["pilot-b"], "baseline", share=None)
        await programme.release(["pilot-a"], "baseline")
        for unit in PILOTS:
            await programme.report([unit], MeetingHeld())
            await programme.report([unit], ActionChosen())
            await programme.report([unit], ActionCheckedBack())
        await programme.reach(PILOTS, "follow_up")
        await programme.release(PILOTS, "follow_up")

        rollout = await programme.phase("evaluation")
        criterion, _ = rollout["gate"]["criteria"]
        assert (criterion["outcome"], criterion["value"], criterion["hidden"]) == (
            *("inconclusive", None),
            True,
        )
        why = {action["action"]: action["why_not"] for action in rollout["actions"]}
        assert why["propose_decision"]["code"] == "gate-inconclusive"
        assert why["override_gate"] is None

        extended = await programme.act("extend_pilot", duration="PT1S", reason="More time.")
        assert datetime.fromisoformat(extended["evaluate_again_at"]) > datetime.now(UTC)

        async def evaluated_again() -> bool:
            return (await programme.rollout())["evaluate_again_at"] is None

        await eventually(evaluated_again)
        await programme.act("override_gate", outcome="pass", reason="Small, but did it all.")
        await programme.decide()
        gate = (await programme.rollout())["gate"]
        assert (gate["outcome"], gate["evaluated"]) == ("pass", "inconclusive")
        assert gate["override"]["reason"] == "Small, but did it all."
    await replay(programme, "inconclusive", 0)


async def test_a_unit_stands_still_while_others_go_on(programme: Programme) -> None:
    async with programme.worker():
        await programme.act("start_pilot")
        await programme.reach(PILOTS, "baseline")
        await programme.act("pause_unit", unit_id="pilot-a", reason="Renovation")
        await programme.release(PILOTS, "baseline")
        await programme.reach(["pilot-b"], "modules")
        paused = (await programme.journeys(query="?status=paused"))["pilot-a"]
        assert (paused["step"], paused["paused_reason"]) == ("baseline", "Renovation")

        await programme.act("resume_unit", unit_id="pilot-a", reason="Done")
        await programme.reach(["pilot-a"], "modules")

        await programme.act("pause", reason="Summer")
        await programme.report(PILOTS, MeetingHeld())
        await programme.report(PILOTS, ActionChosen())
        assert {j["step"] for j in (await programme.journeys("auditor", "?wave=0")).values()} == {
            "modules"
        }
        await programme.act("resume", reason="Autumn")
        await programme.reach(PILOTS, "follow_up")
        await programme.act("stop", reason="No money.")
        assert {j["status"] for j in (await programme.journeys()).values()} == {"stopped"}
        refused = await programme.ask("resume", reason="x")
        assert (refused.status_code, refused.json()["code"]) == (409, "rollout-ended")
    await replay(programme, "paused", 0)
