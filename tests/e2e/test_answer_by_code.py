"""An employee without a mail address answers a round by a one-time code, across the services."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from devstack import Stack
from e2e.pilot import Administrator, prepare
from support.eventually import eventually
from support.stack import signed_in

FORM = {
    "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
    "subject_token_type": "urn:um-platform:params:oauth:token-type:sign-in-code",
}


@pytest.fixture
def unit() -> str:
    return f"code-{uuid4().hex[:8]}"


async def test_an_employee_without_an_address_answers_by_a_code(stack: Stack, unit: str) -> None:
    administrator = Administrator(stack)
    request = prepare(administrator, unit)
    person = f"{unit}-2,Exempelperson 0003,,sv,employee,{unit}"
    columns = "person_id,name,email,language,role,unit_id"
    administrator.post("people", "/persons/import", f"{columns}\n{person}")
    rollout = administrator.post("workflow", "/rollouts", request)
    actions = f"/rollouts/{rollout['rollout_id']}/actions"
    for kind in ("risk_assessment", "joint_consultation"):
        recorded = {"wave": 0, "kind": kind, "reference": "RV 1", "recorded_on": "2026-01-02"}
        administrator.post("workflow", f"{actions}/record-prerequisite", recorded)
    administrator.post("workflow", f"{actions}/start-pilot", {})

    people = httpx.AsyncClient(
        base_url=stack.env["PEOPLE_URL"], headers=signed_in(stack, "administrator"), timeout=30
    )
    assessment = httpx.AsyncClient(base_url=stack.env["ASSESSMENT_URL"] + "/v1", timeout=30)
    async with people, assessment:

        async def round_id() -> str:
            headers = signed_in(stack, "administrator")
            listed = await assessment.get(f"/rounds?unit_id={unit}", headers=headers)
            assert listed.json()["items"], "no round is open yet"
            return str(listed.json()["items"][0]["round_id"])

        asked = await eventually(round_id, within=90)

        async def issued() -> dict[str, Any]:
            answer = await people.post(
                f"/v1/rounds/{asked}/sign-in-codes", json={"form": "letters"}
            )
            assert answer.is_success, answer.text
            found: dict[str, Any] = answer.json()
            return found

        (code,) = (await eventually(issued, within=60))["codes"]
        redeemed = await people.post(
            "/token", data=FORM | {"subject_token": code}, headers={"authorization": ""}
        )
        assert redeemed.status_code == 200, redeemed.text
        bearer = {"authorization": f"Bearer {redeemed.json()['access_token']}"}

        round_ = (await assessment.get(f"/rounds/{asked}", headers=bearer)).raise_for_status()
        answers = {item["item_id"]: 3 for item in round_.json()["instrument"]["items"]}
        stored = await assessment.put(
            f"/rounds/{asked}/answer", json={"answers": answers}, headers=bearer
        )
        assert stored.status_code == 200, stored.text
        assert (await assessment.get("/rounds", headers=bearer)).status_code == 403

        administrator.post("assessment", f"/rounds/{asked}/close", {})

        async def over() -> bool:
            again = await people.post("/token", data=FORM | {"subject_token": code})
            assert (again.status_code, again.json().get("error")) == (400, "invalid_grant")
            return True

        await eventually(over, within=60)
        late = await assessment.put(
            f"/rounds/{asked}/answer", json={"answers": answers}, headers=bearer
        )
        assert (late.status_code, late.json()["code"]) == (409, "round-closed")
