"""Administrators' actions over HTTP: refusals tell why, a key has one effect, one of many wins."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from integration.workflow.programme import PILOTS, Programme
from support.eventually import eventually
from workflow_service.application.ports import EngineUnavailable
from workflow_service.application.rollout_commands import ActionRequest
from workflow_service.entrypoints.temporal.client import TemporalEngine


async def test_every_action_answers_while_refused(programme: Programme) -> None:
    rollout = await programme.rollout()
    allowed = {action["action"] for action in rollout["actions"] if action["allowed"]}
    assert allowed == {"start_pilot", "record_prerequisite", "pause", "stop"}
    bodies: dict[str, dict[str, Any]] = {
        "extend_pilot": {"duration": "P1D", "reason": "x"},
        "override_gate": {"outcome": "pass", "reason": "x"},
        "propose_decision": {"outcome": "stop", "reasons": "x", "diary_number": "y"},
        "approve_decision": {"decision_id": str(uuid4())},
        "reject_decision": {"decision_id": str(uuid4()), "reason": "x"},
        "pause_unit": {"unit_id": "pilot-a", "reason": "x"},
        "resume_unit": {"unit_id": "pilot-a", "reason": "x"},
        "resume": {"reason": "x"},
    }
    async with programme.worker():
        for action in rollout["actions"]:
            if action["allowed"]:
                continue
            answer = await programme.ask(action["action"], **bodies.get(action["action"], {}))
            problem = answer.json()
            assert answer.status_code == 409, problem
            assert problem["code"] == action["why_not"]["code"]
            assert problem["detail"] == action["why_not"]["detail"]
            assert problem["type"].endswith(problem["code"])
    assert (await programme.rollout())["version"] == 1


@pytest.mark.parametrize(
    ("action", "body", "pointer"),
    [
        ("extend_pilot", {"duration": "two weeks", "reason": "x"}, "/body/duration"),
        ("extend_pilot", {"duration": "PT0S", "reason": "x"}, "/body/duration"),
        ("pause", {}, "/body/reason"),
        ("pause", {"reason": "  "}, "/body/reason"),
        ("start_pilot", {"oops": 1}, "/body/oops"),
        ("record_prerequisite", {"wave": 1, "kind": "coffee"}, "/body/kind"),
        ("pause_unit", {"unit_id": "Å", "reason": "x"}, "/body/unit_id"),
        ("plan_waves", {"wave_size": 0}, "/body/wave_size"),
    ],
)
async def test_a_wrong_body_tells_where(
    programme: Programme, action: str, body: dict[str, Any], pointer: str
) -> None:
    answer = await programme.ask(action, **body)

    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]


async def test_who_may(programme: Programme) -> None:
    for who in ("auditor", "manager", "employee"):
        assert (await programme.ask("start_pilot", who)).status_code == 403
    for path in ("", "/history"):
        path = f"/rollouts/{programme.rollout_id}{path}"
        assert (await programme.call("auditor", "GET", path)).status_code == 200
        assert (await programme.call("manager", "GET", path)).status_code == 403
    assert await programme.journeys("manager") == {}  # Their scope is another unit.
    assert len(await programme.journeys("auditor")) == 5
    page = (await programme.call("auditor", "GET", "/rollouts?limit=1")).json()
    assert [each["rollout_id"] for each in page["items"]] == [str(programme.rollout_id)]


async def test_what_is_not_there(programme: Programme) -> None:
    programme.rollout_id = uuid4()
    for path in ("", "/journeys", "/history"):
        path = f"/rollouts/{programme.rollout_id}{path}"
        answer = await programme.call("administrator", "GET", path)
        assert (answer.status_code, answer.json()["code"]) == (404, "rollout-unknown")
    answer = await programme.ask("start_pilot")
    assert (answer.status_code, answer.json()["code"]) == (404, "rollout-unknown")
    assert (await programme.ask("fly")).status_code == 404


async def test_a_rollout_of_units_that_cannot_take_part(programme: Programme) -> None:
    answer = await programme.create(pilot_unit_ids=["nobody", "region"])

    assert (answer.status_code, answer.json()["code"]) == (422, "rollout-invalid")
    assert [error["pointer"] for error in answer.json()["errors"]] == [
        "/body/pilot_unit_ids/0",
        "/body/pilot_unit_ids/1",
    ]
    unknown = await programme.create(template_id="nothing")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "template-unknown")


async def test_one_key_one_rollout(programme: Programme) -> None:
    first, second = [await programme.create(key="same") for _ in range(2)]
    assert first.content == second.content
    assert first.json()["rollout_id"] != str(programme.rollout_id)
    other = await programme.create(key="same", name="Other")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


async def test_one_key_one_effect_however_often_at_once(programme: Programme) -> None:
    async with programme.worker():
        answers = await asyncio.gather(*(programme.ask("start_pilot", key="k") for _ in range(20)))
        later = await programme.ask("start_pilot", key="k")
        reused = await programme.ask("pause", key="k", reason="x")
        scoped = await programme.ask("start_pilot", "second-administrator", key="k")

    assert {answer.status_code for answer in answers} == {200}
    assert {answer.content for answer in answers} == {later.content}
    assert (reused.status_code, scoped.status_code) == (422, 409)
    assert (await programme.rollout())["version"] == 2


async def test_of_administrators_at_once_one_wins(programme: Programme) -> None:
    async with programme.worker():
        answers = await asyncio.gather(
            *(
                programme.ask("pause", who, expected_version=1, reason="x")
                for who in ("administrator", "second-administrator") * 10
            )
        )
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [200] + [409] * 19
    refused = next(answer.json() for answer in answers if answer.status_code == 409)
    assert refused["code"] == "stale-version"
    assert "pause (2)" in refused["detail"]
    assert (await programme.rollout())["version"] == 2


async def test_the_proposer_cannot_approve(programme: Programme) -> None:
    async with programme.worker():
        await programme.act("start_pilot")
        await programme.go_through(PILOTS)
        await programme.phase("evaluation")
        proposed = await programme.act(
            "propose_decision", outcome="stop", reasons="x", diary_number="y"
        )
        decision = {"decision_id": proposed["decision"]["decision_id"]}
        own = await programme.ask("approve_decision", **decision)
        assert (own.status_code, own.json()["code"]) == (409, "four-eyes")
        seen = await programme.rollout("second-administrator")
        assert {"action": "approve_decision", "allowed": True, "why_not": None} in seen["actions"]
        done = await programme.act("approve_decision", "second-administrator", **decision)
    assert (done["status"], done["decision"]["status"]) == ("stopped", "approved")


async def test_nobody_decides_without_a_worker_but_everybody_gets_an_answer(
    programme: Programme,
) -> None:
    impatient = programme.another(deadline_seconds=1)
    async with asyncio.timeout(10):
        answer = await impatient.ask("start_pilot", key="k")
    await impatient.close()
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (503, "engine-unavailable")
    assert answer.headers["retry-after"] == "5"
    assert "same Idempotency-Key" in problem["detail"]

    async with programme.worker():
        again = await programme.ask("start_pilot", key="k")
    assert (again.status_code, again.json()["version"]) == (200, 2)


class LosesAnswers:
    """An engine that carries everything out, and whose answers never arrive."""

    def __init__(self, engine: TemporalEngine) -> None:
        self._engine = engine

    async def perform(self, rollout_id: UUID, request: ActionRequest) -> int:
        await self._engine.perform(rollout_id, request)
        raise EngineUnavailable("the answer was lost")


async def lose_answer(programme: Programme, action: str, **body: Any) -> None:
    """Another process of the service asks for the action with the key `k`."""
    lossy = programme.another()
    lossy.app.engine = LosesAnswers(lossy.app.engine)  # type: ignore[assignment]
    lost = await lossy.ask(action, key="k", **body)
    await lossy.close()
    assert lost.status_code == 503

    async def done() -> bool:
        return bool((await programme.rollout())["version"] == 2)

    await eventually(done)


async def test_a_lost_answer_is_told_when_the_request_comes_again(programme: Programme) -> None:
    async with programme.worker():
        await lose_answer(programme, "stop", reason="x")
        again = await programme.ask("stop", key="k", reason="x")
        assert (again.status_code, again.json()["version"]) == (200, 2)
        assert (await programme.ask("stop", key="k", reason="x")).content == again.content
        other = await programme.ask("stop", key="other", reason="x")
    assert (other.status_code, other.json()["code"]) == (409, "rollout-ended")


async def test_a_lost_answer_is_told_although_a_new_run_would_refuse_it(
    programme: Programme,
) -> None:
    async with programme.worker():
        await lose_answer(programme, "start_pilot")
        (handle,) = await programme.handles()
        await handle.terminate("lost")
        await programme.act("pause", reason="x")  # In the new run, whose state is then known.
        again = await programme.ask("start_pilot", key="k")
    assert (again.status_code, again.json()["version"]) == (200, 3)


async def test_temporal_away_is_an_answer_and_no_hang(programme: Programme) -> None:
    lonely = programme.another(address="127.0.0.1:9")
    try:
        async with asyncio.timeout(25):
            answer = await lonely.ask("start_pilot")
            created = await lonely.create()
        assert (answer.status_code, answer.json()["code"]) == (503, "engine-unavailable")
        assert created.status_code == 201
        assert (await lonely.rollout())["version"] == 1
    finally:
        await lonely.close()

    async with programme.worker():
        await programme.app.restart_workflows()
        programme.rollout_id = UUID(created.json()["rollout_id"])
        started = await programme.act("start_pilot")
        assert started["phase"] == "pilot"


async def test_a_peer_that_refuses_is_shown_and_asked_again(programme: Programme) -> None:
    programme.peers.refusing = "instrument-unknown"
    async with programme.worker():
        await programme.act("start_pilot")

        async def shown() -> bool:
            journeys = await programme.journeys(query="?wave=0")
            waiting = [journey["waiting_for"] for journey in journeys.values()]
            return all("instrument-unknown" in each for each in waiting)

        await eventually(shown)
        programme.peers.refusing = None

        async def asked() -> bool:
            return [command.unit_ids for command in programme.peers.rounds] == [PILOTS]

        await eventually(asked)


async def test_a_unit_that_a_peer_refuses_holds_back_no_other(programme: Programme) -> None:
    programme.peers.refused_units = {"pilot-b"}
    async with programme.worker():
        await programme.act("start_pilot")
        await programme.reach(["pilot-a"], "baseline")

        async def shown() -> bool:
            journey = (await programme.journeys())["pilot-b"]
            detail = "pilot-b is not known here."
            return bool(journey["refusal"] == {"code": "unit-unknown", "detail": detail})

        await eventually(shown)
        programme.peers.refused_units = set()

        async def asked() -> bool:
            rounds = [command.unit_ids for command in programme.peers.rounds]
            return rounds == [("pilot-a",), ("pilot-b",)]

        await eventually(asked)
        await programme.reach(PILOTS, "baseline")
    assert len({command.release_id for command in programme.peers.rounds}) == 1
    assert (await programme.journeys())["pilot-b"]["refusal"] is None
