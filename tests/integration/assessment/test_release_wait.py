"""The rounds of a wave are released together, at the latest at a deadline."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from contracts.workflow import JourneyPaused, JourneyStopped, RolloutPaused
from integration.assessment.service import Service
from integration.assessment.test_pauses import happened

HOUR = timedelta(hours=1)


async def released(service: Service) -> int:
    await service.work()
    return len(await service.rows("select 1 from releases where released_at is not null"))


async def until_the_deadline(service: Service) -> None:
    await service.rows(
        "update releases set waits_since = waits_since - interval '3 hours',"
        " waits_until = waits_until - interval '3 hours'"
    )
    await service.rows("update pauses set at = at - interval '3 hours'")


@pytest.fixture
async def body(service: Service) -> dict[str, Any]:
    """The ward's round; its release waits for the clinic, for two hours."""
    wait = {"unit_ids": ["clinic"], "until": (datetime.now(UTC) + 2 * HOUR).isoformat()}
    return service.opening(["ward"], wait=wait)


async def test_results_come_out_when_the_last_unit_has_closed(
    service: Service, body: dict[str, Any]
) -> None:
    ward = (await service.open(body))["ward"]
    await service.close(ward)
    assert await released(service) == 0
    seen = (await service.ask("GET", f"/rounds/{ward}")).json()
    assert datetime.fromisoformat(seen["results_by"]).isoformat() == body["wait"]["until"]
    clinic = (await service.open({**body, "unit_ids": ["clinic"]}))["clinic"]
    assert await released(service) == 0
    await service.close(clinic)
    assert await released(service) == 1


async def test_at_the_deadline_results_come_out_without_the_missing_round(
    service: Service, body: dict[str, Any]
) -> None:
    await service.close((await service.open(body))["ward"])
    await until_the_deadline(service)
    late = {**body, "unit_ids": ["clinic"]}
    refused = await service.ask("POST", "/rounds", role="service", json=late)
    assert (refused.status_code, refused.json()["code"]) == (409, "release-takes-no-more")
    assert await released(service) == 1
    refused = await service.ask("POST", "/rounds", role="service", json=late)
    assert refused.json()["code"] == "release-already-out"


async def test_nobody_waits_for_a_unit_that_has_stopped(
    service: Service, body: dict[str, Any]
) -> None:
    await service.close((await service.open(body))["ward"])
    stopped = JourneyStopped(
        rollout_id=body["rollout_id"], unit_id="clinic", stopped_on=datetime.now(UTC).date()
    )
    await happened(service, stopped, datetime.now(UTC))
    assert await released(service) == 1


async def test_nobody_waits_for_a_unit_that_has_a_round_in_another_release(
    service: Service, body: dict[str, Any]
) -> None:
    await service.close((await service.open(body))["ward"])
    other = {**body, "release_id": str(uuid4()), "unit_ids": ["clinic"]}
    await service.open(other)
    assert await released(service) == 1


async def test_a_paused_unit_holds_back_the_others_until_the_deadline(
    service: Service, body: dict[str, Any]
) -> None:
    ward = (await service.open({**body, "wait": {**body["wait"], "unit_ids": []}}))["ward"]
    paused = JourneyPaused(rollout_id=body["rollout_id"], unit_id="ward")
    await happened(service, paused, datetime.now(UTC))
    await service.rows("update rounds set closes_at = closes_at - interval '90 minutes'")
    assert await released(service) == 0
    await until_the_deadline(service)
    assert await released(service) == 1
    assert (await service.ask("GET", f"/rounds/{ward}")).json()["status"] in (
        "closed",
        "anonymised",
    )


async def test_while_the_rollout_is_paused_there_is_no_deadline(
    service: Service, body: dict[str, Any]
) -> None:
    ward = (await service.open(body))["ward"]
    paused = RolloutPaused(rollout_id=body["rollout_id"])
    await happened(service, paused, datetime.now(UTC))
    await until_the_deadline(service)
    assert await released(service) == 0
    assert (await service.ask("GET", f"/rounds/{ward}")).json()["status"] == "open"


async def test_an_extended_round_moves_the_deadline(service: Service, body: dict[str, Any]) -> None:
    ward = (await service.open(body))["ward"]
    closes_at = (datetime.now(UTC) + 5 * HOUR).isoformat()
    extended = await service.ask(
        "POST", f"/rounds/{ward}/extend", json={"closes_at": closes_at, "reason": "Sample reason"}
    )
    seen = extended.json()
    assert datetime.fromisoformat(seen["results_by"]) == datetime.fromisoformat(closes_at)
