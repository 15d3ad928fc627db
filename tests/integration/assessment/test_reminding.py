"""Who has not answered: for the notification service alone, and nothing of it stays."""

import logging
from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.workflow import JourneyPaused, JourneyResumed
from integration.assessment.service import Service, sheet
from integration.assessment.test_pauses import happened, make_overdue
from integration.assessment.test_secrecy import counts, everything_stored

PEOPLE = ["p-1", "p-2", "p-3"]


async def ask(service: Service, round_id: str, subjects: list[Any], role: str = "service") -> Any:
    path = f"/rounds/{round_id}/without-answer"
    return await service.ask("POST", path, role=role, json={"subjects": subjects})


async def refused(service: Service, round_id: str) -> tuple[int, str]:
    answer = await ask(service, round_id, PEOPLE)
    return answer.status_code, answer.json()["code"]


async def test_those_without_a_sheet_and_the_closing_time(service: Service) -> None:
    body = service.opening(["ward", "clinic"])
    rounds = await service.open(body)
    ward, clinic = rounds["ward"], rounds["clinic"]
    answer = await ask(service, ward, PEOPLE)
    assert answer.json()["subjects"] == PEOPLE
    assert datetime.fromisoformat(answer.json()["closes_at"]) == datetime.fromisoformat(
        body["closes_at"]
    )
    assert answer.headers["cache-control"] == "no-store"
    for value in (1, 3):
        await service.answer(ward, "ward", "p-2", sheet(value))
    await service.answer(clinic, "clinic", "p-3", sheet(3))
    assert (await ask(service, ward, PEOPLE)).json()["subjects"] == ["p-1"], "once in a release"
    assert (await ask(service, ward, ["p-2"])).json()["subjects"] == []
    assert (await ask(service, ward, [])).json()["subjects"] == []
    twice = await ask(service, ward, ["p-1", "p-1"])
    assert twice.json()["subjects"] == ["p-1"]


async def test_a_round_is_not_asked_about_all_the_time(service: Service) -> None:
    """Otherwise whoever asks would see when each person answers."""
    rounds = await service.open(service.opening(["ward", "clinic"]))
    while (answer := await ask(service, rounds["ward"], PEOPLE)).status_code == 200:
        pass
    assert (answer.status_code, answer.json()["code"]) == (429, "too-many-requests")
    assert 0 < int(answer.headers["retry-after"]) <= 5
    assert (await ask(service, rounds["clinic"], PEOPLE)).status_code == 200


async def test_the_question_leaves_nothing(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    ward = (await service.open(service.opening(["ward"])))["ward"]
    await service.answer(ward, "ward", "p-2", sheet(3))
    before, rows = await everything_stored(service), await counts(service)
    caplog.set_level(logging.DEBUG)
    caplog.clear()
    assert (await ask(service, ward, PEOPLE)).status_code == 200
    assert await everything_stored(service) == before
    assert await counts(service) == rows
    assert "p-1" not in caplog.text
    assert [r for r in caplog.records if r.name.startswith("assessment_service")] == []


async def test_only_of_an_open_round_that_no_pause_holds(service: Service) -> None:
    body = service.opening(["ward"])
    ward, rollout = (await service.open(body))["ward"], body["rollout_id"]
    paused = JourneyPaused(rollout_id=rollout, unit_id="ward")
    await happened(service, paused, datetime.now(UTC))
    assert await refused(service, ward) == (409, "round-held")
    resumed = JourneyResumed(rollout_id=rollout, unit_id="ward")
    await happened(service, resumed, datetime.now(UTC))
    assert (await ask(service, ward, PEOPLE)).status_code == 200
    await make_overdue(service)
    assert await refused(service, ward) == (409, "round-closed"), "its time is over"
    await service.close(ward)
    assert await refused(service, ward) == (409, "round-closed")
    unknown = "00000000-0000-4000-8000-000000000001"
    assert await refused(service, unknown) == (404, "round-unknown")


@pytest.mark.parametrize("role", ["administrator", "manager", "employee", "operator", "auditor"])
async def test_no_person_may_ask(service: Service, role: str) -> None:
    ward = (await service.open(service.opening(["ward"])))["ward"]
    answer = await ask(service, ward, PEOPLE, role)
    assert (answer.status_code, answer.json()["code"]) == (403, "role-missing")


@pytest.mark.parametrize("subjects", [["p"] * 1_001, [""], [7], ["p" * 256]], ids=str)
async def test_what_is_no_list_of_subjects_is_refused(
    service: Service, subjects: list[Any]
) -> None:
    ward = (await service.open(service.opening(["ward"])))["ward"]
    answer = await ask(service, ward, subjects)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")


async def test_a_round_whose_secrets_are_lost_says_so(service: Service, tmp_path: Any) -> None:
    ward = (await service.open(service.opening(["ward"])))["ward"]
    for file in (tmp_path / "keys").glob("*.participation"):
        file.unlink()
    assert await refused(service, ward) == (503, "round-unreadable")
