"""A manager is erased after a round with results: named nowhere, and what was published stays."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from devstack import Stack
from e2e.pilot import DATA, Administrator, prepare
from e2e.test_answer_by_code import FORM
from support.eventually import eventually
from support.searching import tables_with, topics_with
from support.stack import signed_in

SERVICES = ("assessment", "content", "notification", "people", "portal", "workflow")
SOON = date.today() + timedelta(days=9)  # noqa: DTZ011 - any day that is to come
TEXTS = {
    *("assessment.rounds", "content.actions", "content.evidence_changes", "content.questions"),
    *("workflow.rollouts", "workflow.transitions", "workflow.unit_changes"),
    *(f"{service}.audit_lines" for service in ("assessment", "content", "workflow")),
    *(f"{service}.idempotency_keys" for service in ("content", "workflow")),
}
COLUMNS = "person_id,name,email,language,role,unit_id"


@pytest.fixture
def unit() -> str:
    return f"erase-{uuid4().hex[:8]}"


async def _stand_in(dsn: str, unit: str, principal: str, delegate: str) -> None:
    """No persona of the development issuer is a registered person, who could record it."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(
            "insert into delegations (delegation_id, role, unit_id, principal_id, delegate_id,"
            " standing_for, valid_from, valid_to, on_paper)"
            " values ($1, 'deputy', $2, $3, $4, $5, $6, $7, true)",
            *(uuid4(), unit, principal, delegate, uuid4(), date.today(), SOON),  # noqa: DTZ011
        )
    finally:
        await connection.close()


async def name_in_texts(
    administrator: Administrator, unit: str, rollout_id: str, round_id: str, text: str
) -> None:
    """In what people write of a round, a journey, a unit, an action, and in a question."""
    reason, actions = {"reason": text}, f"/rollouts/{rollout_id}/actions"
    later = (datetime.now(UTC) + timedelta(days=20)).isoformat()
    extended = {"closes_at": later, **reason}
    administrator.post("assessment", f"/rounds/{round_id}/extend", extended)
    for action in ("pause-unit", "resume-unit"):
        administrator.post("workflow", f"{actions}/{action}", {"unit_id": unit, **reason})
    record = {"wave": 0, "kind": "risk_assessment", "recorded_on": "2026-01-02", **reason}
    administrator.post("workflow", f"{actions}/record-prerequisite", {**record, "reference": text})
    rename = {"kind": "rename", "unit_id": unit, "name": "Ny"}
    change = {"change": rename, "effective_on": str(SOON), **reason}
    administrator.post("workflow", "/unit-changes", change)
    module = json.loads((DATA / "modules" / "start-together.json").read_text("utf-8"))
    administrator.post("content", "/modules", module | {"module_id": unit})
    administrator.post("content", f"/modules/{unit}/publish", {})
    plan = {"rollout_id": rollout_id, "unit_ids": [unit], "module_ids": [unit]}
    administrator.post("content", "/assignments", plan)
    about = {"rollout_id": rollout_id, "unit_id": unit}
    facts = {"behaviour": "creativity", "text": text, "check_back_on": str(SOON)}
    path = f"/actions/{administrator.post('content', '/actions', about | facts)['action_id']}"
    corrected = {**facts, "text": f"Två: {text}", **reason}
    administrator.post("content", f"{path}/correct", corrected)
    administrator.post("content", "/questions", {"text": text, "language": "sv"})


async def override_the_gate(
    administrator: Administrator, unit: str, rollout_id: str, text: str
) -> None:
    """The only unit leaves the pilot, so that nothing can be said of it, and a person decides."""
    actions = f"/rollouts/{rollout_id}/actions"
    administrator.post("workflow", f"{actions}/stop-unit", {"unit_id": unit, "reason": text})

    async def overridden() -> bool:
        body = {"outcome": "fail", "reason": text}
        try:
            administrator.post("workflow", f"{actions}/override-gate", body)
        except httpx.HTTPStatusError as error:
            raise AssertionError(error.response.text) from error
        return True

    await eventually(overridden, within=60)


async def everywhere(stack: Stack, words: tuple[str, ...]) -> set[tuple[str, str]]:
    """(database and table, or topic, and the word) wherever one of the words is."""
    found = await topics_with(stack.env["KAFKA_BOOTSTRAP_SERVERS"], words)
    for service in SERVICES:
        tables = await tables_with(stack.env[f"{service.upper()}_OWNER_DATABASE_URL"], words)
        found |= {(f"{service}.{table}", word) for table, word in tables}
    return found


async def test_an_erased_person_is_nowhere_and_results_stay(stack: Stack, unit: str) -> None:
    administrator = Administrator(stack)
    person = f"{uuid4().hex[:8]}-9"
    words = (person, f"Exempelperson {person}", f"{person}@example.se")
    request = prepare(administrator, unit)
    staff = [f"{unit}-s{n},Exempelperson S{n},,sv,employee,{unit}" for n in range(8)]
    manager = f"{words[0]},{words[1]},{words[2]},sv,manager,{unit}"
    # Only a known person erases: the persona's subject is the id of a person of this file.
    themselves = f"administrator,Exempelperson 0001,,sv,facilitator,{unit}"
    rows = [COLUMNS, *staff, manager, themselves]
    administrator.post("people", "/persons/import", "\n".join(rows))
    await _stand_in(stack.env["PEOPLE_OWNER_DATABASE_URL"], unit, person, f"{unit}-chef")
    await _stand_in(stack.env["PEOPLE_OWNER_DATABASE_URL"], unit, f"{unit}-chef", person)
    rollout_id = administrator.post("workflow", "/rollouts", request)["rollout_id"]
    actions = f"/rollouts/{rollout_id}/actions"
    for kind in ("risk_assessment", "joint_consultation"):
        recorded = {"wave": 0, "kind": kind, "reference": "RV 1", "recorded_on": "2026-01-02"}
        administrator.post("workflow", f"{actions}/record-prerequisite", recorded)
    administrator.post("workflow", f"{actions}/start-pilot", {})
    async with httpx.AsyncClient(headers=signed_in(stack, "administrator"), timeout=60) as http:

        async def read(service: str, path: str) -> Any:
            answer = await http.get(f"{stack.env[service.upper() + '_URL']}/v1{path}")
            return answer.raise_for_status().json()

        async def round_id() -> str:
            rounds = (await read("assessment", f"/rounds?unit_id={unit}"))["items"]
            assert rounds, "no round is open yet"
            return str(rounds[0]["round_id"])

        asked = await eventually(round_id, within=90)
        administrator = Administrator(stack)  # since the import also the unit's facilitator
        text = f"Fråga {words[1]}, {words[0]} eller {words[2]}"
        await name_in_texts(administrator, unit, rollout_id, asked, text)
        await _answer(stack, administrator, asked)
        administrator.post("assessment", f"/rounds/{asked}/close", {})

        async def results() -> bytes:
            path = f"/v1/results?rollout_id={rollout_id}"
            answer = (await http.get(stack.env["ASSESSMENT_URL"] + path)).raise_for_status()
            assert answer.json()["items"], "nothing is released yet"
            return answer.content

        async def invited() -> bool:
            held = await everywhere(stack, words)
            assert ("notification.messages", person) in held
            return True

        before = await eventually(results, within=90)
        await eventually(invited, within=60)
        await override_the_gate(administrator, unit, rollout_id, text)
        held = {table for table, word in await everywhere(stack, words) if word == words[1]}
        assert held > TEXTS, TEXTS - held
        erase = f"/persons/{person}/erase"
        administrator = Administrator(stack)
        made = administrator.post("people", erase, {"reason": "Asked for it"})

        async def complete() -> bool:
            erasure = await read("people", f"/erasures/{made['erasure_id']}")
            assert erasure["complete"], erasure
            return True

        await eventually(complete, within=60)
        assert await everywhere(stack, words) == set()
        assert await results() == before


async def _answer(stack: Stack, administrator: Administrator, round_id: str) -> None:
    """All who have no address answer by one-time codes."""

    async def issued() -> dict[str, Any]:
        path = f"/rounds/{round_id}/sign-in-codes"
        try:
            return administrator.post("people", path, {"form": "letters"})
        except httpx.HTTPStatusError as error:
            raise AssertionError(error.response.text) from error

    codes = (await eventually(issued, within=60))["codes"]
    assert len(codes) == 8
    base = stack.env["ASSESSMENT_URL"] + "/v1"
    async with httpx.AsyncClient(timeout=60) as http:
        for code in codes:
            form = FORM | {"subject_token": code}
            redeemed = await http.post(f"{stack.env['PEOPLE_URL']}/token", data=form)
            bearer = {
                "authorization": f"Bearer {redeemed.raise_for_status().json()['access_token']}"
            }
            round_ = (await http.get(f"{base}/rounds/{round_id}", headers=bearer)).json()
            answers = {item["item_id"]: 3 for item in round_["instrument"]["items"]}
            path = f"{base}/rounds/{round_id}/answer"
            stored = await http.put(path, json={"answers": answers}, headers=bearer)
            stored.raise_for_status()
