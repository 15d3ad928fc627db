"""Small units are joined before their rounds open; their people read so, and have one result."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from assessment_service.domain.round import Unit
from contracts.workflow import RolloutCreated
from integration.assessment.service import Service, sheet
from integration.assessment.test_pauses import happened


@pytest.fixture
async def body(service: Service) -> dict[str, Any]:
    """A rollout of two small units beside each other and a large one."""
    small = {"night": 5, "day": 6}
    async with service.app.uow() as uow:
        for unit_id, people in small.items():
            await uow.units.save(Unit(unit_id, "health", f"Sample {unit_id}", people, 1))
    body = service.opening([*small, "ward"])
    created = RolloutCreated(
        rollout_id=UUID(body["rollout_id"]),
        name="Sample rollout",
        template_id="sample",
        template_version=1,
        unit_ids=(*small, "ward"),
    )
    await happened(service, created, datetime.now(UTC))
    return body


def path(body: dict[str, Any]) -> str:
    return f"/rollouts/{body['rollout_id']}/report-groups"


async def join(service: Service, body: dict[str, Any], *groups: list[str]) -> Any:
    return await service.ask("PUT", path(body), json={"groups": list(groups)})


async def test_a_proposal_is_taken_and_then_stays(service: Service, body: dict[str, Any]) -> None:
    seen = (await service.ask("GET", path(body))).json()
    assert (seen["groups"], seen["proposal"], seen["left_over"]) == ([], [["day", "night"]], [])
    assert (seen["least_answers"], seen["least_people"]) == (7, 10)
    assert (await join(service, body, *seen["proposal"])).status_code == 204
    seen = (await service.ask("GET", path(body))).json()
    assert seen["groups"] == [["day", "night"]]
    lines = await service.rows("select action from audit_lines order by seq")
    assert "report_groups.join/join_units" in [line["action"] for line in lines]

    await service.open({**body, "unit_ids": ["day"]})
    refused = await join(service, body)
    assert (refused.status_code, refused.json()["code"]) == (409, "report-group-in-use")
    seen = (await service.ask("GET", path(body))).json()
    assert Counter(unit["has_begun"] for unit in seen["units"]) == {True: 1, False: 2}
    assert seen["proposal"] == []


async def test_what_cannot_be_joined_is_refused(service: Service, body: dict[str, Any]) -> None:
    refused = await join(service, body, ["day", "clinic"])
    assert (refused.status_code, refused.json()["code"]) == (422, "report-groups-invalid")
    assert refused.json()["errors"][0]["pointer"] == "/body/groups/0/1"
    stale = {"groups": [["day", "night"]], "expected_groups": [["day", "ward"]]}
    refused = await service.ask("PUT", path(body), json=stale)
    assert (refused.status_code, refused.json()["code"]) == (409, "report-groups-changed")
    unknown = {**body, "rollout_id": "00000000-0000-4000-8000-000000000000"}
    assert (await join(service, unknown)).json()["code"] == "rollout-unknown"


async def test_people_read_with_whom_they_are_reported_and_have_one_result(
    service: Service, body: dict[str, Any]
) -> None:
    await join(service, body, ["day", "night"])
    rounds = await service.open(body)
    seen = (await service.ask("GET", f"/rounds/{rounds['day']}")).json()
    assert "only together with Sample night" in seen["who_sees_what"]["en"]
    assert "bara tillsammans med Sample night" in seen["who_sees_what"]["sv"]
    alone = (await service.ask("GET", f"/rounds/{rounds['ward']}")).json()
    assert "together with" not in alone["who_sees_what"]["en"]
    together = {
        payload["unit_id"]: payload["together"]
        for kind, payload in await service.events()
        if kind == "assessment.round.opened.v1"
    }
    assert together == {"day": ["day", "night"], "night": ["day", "night"], "ward": []}

    for unit_id, people in (("day", 5), ("night", 4), ("ward", 9)):
        for person in range(people):
            score = 1 + person % 5
            answer = await service.answer(
                rounds[unit_id], unit_id, f"{unit_id}-{person}", sheet(score)
            )
            assert answer.status_code == 200, answer.text
    for round_id in rounds.values():
        await service.close(round_id)
    await service.work()
    results = {
        unit_id: (
            await service.ask("GET", f"/results?rollout_id={body['rollout_id']}&unit_id={unit_id}")
        ).json()["items"][0]
        for unit_id in rounds
    }
    assert [results[unit_id]["visibility"] for unit_id in rounds] == ["shown"] * 3
    assert results["day"]["together"] == results["night"]["together"] == ["day", "night"]
    assert results["day"]["behaviours"] == results["night"]["behaviours"]
    assert results["day"]["together_names"] == ["Sample day", "Sample night"]
    assert results["ward"]["together"] == results["ward"]["together_names"] == []
    populations = await service.rows("select unit_id, asked_units from publications")
    assert {row["unit_id"]: row["asked_units"] for row in populations}["day"] == ["day", "night"]
