"""A unit that can never finish is stopped alone, on a real Temporal and a real PostgreSQL."""

from integration.workflow.programme import PILOTS, Programme
from integration.workflow.test_main_path import replay, types_in_outbox


async def test_the_pilot_goes_on_without_a_stopped_unit(programme: Programme) -> None:
    programme.peers.refused_units = {"pilot-b"}
    async with programme.worker():
        await programme.act("start_pilot")
        await programme.reach(PILOTS, "baseline")
        await programme.act("stop_unit", unit_id="unit-c", reason="Merged with another")
        await programme.go_through(["pilot-a"])
        assert (await programme.rollout())["phase"] == "pilot"

        await programme.act("stop_unit", unit_id="pilot-b", reason="Dissolved")
        rollout = await programme.phase("evaluation")
        again = await programme.ask("stop_unit", unit_id="pilot-b", reason="x")
        assert (again.status_code, again.json()["code"]) == (409, "journey-ended")
        await programme.decide()
        planned = await programme.act("plan_waves")

    criterion, _ = rollout["gate"]["criteria"]
    assert (rollout["gate"]["outcome"], criterion["value"]) == ("pass", 75.0)
    assert [wave["unit_count"] for wave in planned["waves"][1:]] == [2]
    assert list(await programme.journeys(query="?wave=1")) == ["unit-a", "unit-b"]
    journey = (await programme.journeys(query="?wave=0"))["pilot-b"]
    assert (journey["status"], journey["step"]) == ("stopped", "baseline")
    path = f"/rollouts/{programme.rollout_id}/history?limit=100"
    history = (await programme.call("auditor", "GET", path)).json()["items"]
    stops = [
        (each["detail"]["unit_id"], each["reason"]) for each in history if "stop" in each["action"]
    ]
    assert stops == [("pilot-b", "Dissolved"), ("unit-c", "Merged with another")]
    recorded = [
        d["unit_id"] for kind, d in await types_in_outbox(programme) if "journey.stopped" in kind
    ]
    assert recorded == ["pilot-b"]  # Nobody had heard of the other's journey.
    await replay(programme, "unit-stopped", 0)
