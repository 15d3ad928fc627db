"""Administrators' actions over HTTP: refusals say why, a key has one effect, one of many wins."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from integration.workflow.programme import PILOTS, UNITS, Programme


async def test_every_action_answers_while_refused(programme: Programme) -> None:
    rollout = await programme.rollout()
    allowed = {action["action"] for action in rollout["actions"] if action["allowed"]}
    assert allowed == {"start_pilot", "record_prerequisite", "stop_unit", "pause", "stop"}
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
        ("pause", {"reason": "a\0b"}, "/body/reason"),
        ("resume", {"reason": "a\0b", "expected_version": 2**31}, "/body/expected_version"),
        ("propose_decision", {"diary_number": "a\0b"}, "/body/diary_number"),
        ("record_prerequisite", {"wave": 1, "reference": "a\0b"}, "/body/reference"),
        ("record_prerequisite", {"wave": 2**31}, "/body/wave"),
        ("extend_pilot", {"duration": "P1D\0", "reason": "x"}, "/body/duration"),
        ("pause_unit", {"unit_id": "pilot-a\0", "reason": "x"}, "/body/unit_id"),
    ],
)
async def test_a_wrong_body_tells_where(
    programme: Programme, action: str, body: dict[str, Any], pointer: str
) -> None:
    answer = await programme.ask(action, **body)

    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]


async def test_a_prerequisite_is_corrected_in_a_pause(programme: Programme) -> None:
    record: dict[str, Any] = {"wave": 0, "kind": "risk_assessment", "recorded_on": "2026-01-03"}
    async with programme.worker():
        await programme.act("pause", reason="Summer")
        old: dict[str, Any] = {
            **record,
            "reference": "RV 1",
            "recorded_on": "1826-01-03",
            "reason": "x",
        }
        refused = await programme.ask("record_prerequisite", **old)
        assert (refused.status_code, refused.json()["code"]) == (422, "recorded-too-long-ago")
        right = {**record, "reference": "RV 2026-0002", "reason": "Wrong number"}
        rollout = await programme.act("record_prerequisite", **right)
    recorded = {each["kind"]: each for each in rollout["waves"][0]["prerequisites"]}
    assert recorded["risk_assessment"]["reference"] == "RV 2026-0002"
    assert recorded["risk_assessment"]["reason"] == "Wrong number"
    assert rollout["waves"][0]["missing"] == []


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


async def test_why_a_unit_is_paused_is_for_those_who_lead_it(programme: Programme) -> None:
    own = "rehabenheten,Own,operation,region,,\npilot-a,Sample,unit,rehabenheten,20,\n"
    content = f"{UNITS.splitlines()[0]}\n{own}".encode()
    csv: dict[str, Any] = {"content": content, "headers": {"content-type": "text/csv"}}
    assert (await programme.call("administrator", "POST", "/units/import", **csv)).is_success
    async with programme.worker():
        await programme.act("start_pilot")
        await programme.act("pause_unit", unit_id="pilot-a", reason="Renovation")

    seen = {who: await programme.journeys(who) for who in ("auditor", "manager", "employee")}
    assert (set(seen["manager"]), set(seen["employee"])) == ({"pilot-a"}, set())
    reasons = [seen[who]["pilot-a"]["paused_reason"] for who in ("auditor", "manager")]
    assert reasons == ["Renovation", "Renovation"]


@pytest.mark.parametrize("query", ["", "?dry_run=true"])
async def test_an_import_leaves_units_under_way_fit_for_their_journeys(
    programme: Programme, query: str
) -> None:
    rows = "pilot-a,Sample,unit,region,0,\nteam,Team,unit,pilot-a,5,\n"
    content = f"{UNITS.splitlines()[0]}\n{rows}".encode()
    csv: dict[str, Any] = {"content": content, "headers": {"content-type": "text/csv"}}
    answer = await programme.call("administrator", "POST", f"/units/import{query}", **csv)

    assert (answer.status_code, answer.json()["code"]) == (422, "unit-file-invalid")
    pointers = [error["pointer"] for error in answer.json()["errors"]]
    assert pointers == ["/rows/2/headcount", "/rows/3/parent_id"]


async def test_what_is_not_there(programme: Programme) -> None:
    programme.rollout_id = uuid4()
    for path in ("", "/decision", "/journeys", "/history"):
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


async def test_a_rollout_has_the_warnings_of_its_template(programme: Programme) -> None:
    template = await programme.call("administrator", "GET", "/templates/um/versions/1")
    warnings = template.json()["warnings"]
    pointers = {warning["pointer"] for warning in warnings}
    assert pointers == {"/steps/baseline/instrument", "/steps/modules/module_ids/0"}

    assert (await programme.create()).json()["warnings"] == warnings
    assert (await programme.rollout())["warnings"] == warnings
    async with programme.app.uow() as uow:
        await uow.references.add("instrument", "seven", 1)
        await uow.references.add("module", "intro", 1)
    assert (await programme.rollout())["warnings"] == []


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

    assert later.status_code == 200, later.text
    assert {answer.content for answer in answers if answer.is_success} <= {later.content}
    others = [answer.json() for answer in answers if not answer.is_success]
    # On a busy machine the only one that acts may be told that it is not known yet what became.
    assert {problem["code"] for problem in others} <= {"request-in-progress", "engine-unavailable"}
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
        path = f"/v1/rollouts/{programme.rollout_id}/actions/approve-decision"
        offer = {"action": "approve_decision", "path": path, "allowed": True, "why_not": None}
        assert offer in seen["actions"]
        done = await programme.act("approve_decision", "second-administrator", **decision)
    assert (done["status"], done["decision"]["status"]) == ("stopped", "approved")


async def test_everyone_reads_the_decision_once_it_is_approved(programme: Programme) -> None:
    path = f"/rollouts/{programme.rollout_id}/decision"
    async with programme.worker():
        await programme.act("start_pilot")
        await programme.go_through(PILOTS)
        await programme.phase("evaluation")
        proposed = await programme.act(
            "propose_decision", outcome="stop", reasons="Too early", diary_number="RV 2026-1"
        )
        early = await programme.call("manager", "GET", path)
        assert (early.status_code, early.json()["code"]) == (404, "decision-not-taken")
        decision_id = proposed["decision"]["decision_id"]
        await programme.act("approve_decision", "second-administrator", decision_id=decision_id)
    for who in ("manager", "employee"):
        read = (await programme.call(who, "GET", path)).json()
        assert read.pop("decided_at")
        assert read == {
            "decision_id": decision_id,
            "outcome": "stop",
            "diary_number": "RV 2026-1",
            "reasons": "Too early",
        }
