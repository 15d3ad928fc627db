"""Opening rounds: one per unit and occasion; a refusal names the unit and the reason."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from assessment_service.domain.round import Unit
from integration.assessment.service import UNITS, Service


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"unit_ids": ["Not A Code"]}, 422, "invalid-request"),
        ({"unit_ids": []}, 422, "invalid-request"),
        ({"occasion": "whenever"}, 422, "invalid-request"),
        ({"closes_at": "2020-01-01T00:00:00Z"}, 422, "window-over"),
        ({"closes_at": "2030-01-01T00:00:00"}, 422, "invalid-request"),
        ({"closes_at": "0001-01-01T00:00:00+23:59"}, 422, "window-over"),
        ({"closes_at": "9999-12-31T23:59:59-23:59"}, 422, "window-too-long"),
        ({"instrument_version": 9}, 404, "instrument-unknown"),
        ({"instrument_version": 2**40}, 422, "invalid-request"),
    ],
)
async def test_a_request_that_no_unit_could_meet(
    service: Service, tmp_path: Path, changes: dict[str, Any], status: int, code: str
) -> None:
    refused = await service.ask(
        "POST", "/rounds", role="service", json=service.opening(["ward"], **changes)
    )
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert await service.rows("select * from rounds") == []
    assert await service.rows("select * from releases") == []
    assert list((tmp_path / "keys").glob("*")) == []


@pytest.mark.parametrize(
    ("unit_id", "code"),
    [
        ("no-such-unit", "unit-unknown"),
        ("orphan", "unit-unknown"),  # the unit above it is not known yet
        ("health", "unit-not-a-leaf"),
        ("empty", "unit-without-people"),
        ("clinic", "round-in-other-release"),
    ],
)
async def test_one_unit_that_cannot_have_a_round_is_named_and_the_others_can(
    service: Service, tmp_path: Path, unit_id: str, code: str
) -> None:
    async with service.app.uow() as uow:
        await uow.units.save(Unit("empty", "region", "Sample unit without people", 0, 1))
        await uow.units.save(Unit("orphan", "not-known-yet", "Sample unit", 9, 1))
    body = service.opening(["ward", unit_id, "office"])
    await service.open({**body, "unit_ids": ["clinic"], "release_id": str(uuid4())})
    refused = await service.ask("POST", "/rounds", role="service", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, code)
    assert unit_id in refused.json()["detail"].replace(",", "").split()
    assert len(await service.rows("select * from rounds")) == 1
    assert len(list((tmp_path / "keys").glob("*.key"))) == 1
    # The caller can then ask unit by unit, for the same release.
    for unit in ("ward", "office"):
        await service.open({**body, "unit_ids": [unit]})
    again = await service.ask(
        "POST", "/rounds", role="service", json={**body, "unit_ids": [unit_id]}
    )
    assert again.json()["code"] == code
    rows = await service.rows(
        "select unit_id from rounds where release_id = $1", body["release_id"]
    )
    assert {row["unit_id"] for row in rows} == {"ward", "office"}


async def test_a_release_holds_one_kind_of_round(service: Service) -> None:
    body = service.opening(["ward"])
    await service.open(body)
    other = {**body, "unit_ids": ["clinic"], "occasion": "follow_up"}
    refused = await service.ask("POST", "/rounds", role="service", json=other)
    assert (refused.status_code, refused.json()["code"]) == (409, "release-mismatch")


async def test_a_release_that_is_out_takes_no_round(service: Service) -> None:
    body = service.opening(["ward"])
    rounds = await service.open(body)
    await service.close(rounds["ward"])
    await service.work()
    refused = await service.ask(
        "POST", "/rounds", role="service", json={**body, "unit_ids": ["clinic"]}
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "release-already-out")
    assert await service.open(body) == rounds


async def test_one_round_asked_for_in_two_releases_at_the_same_time(service: Service) -> None:
    leaves = [unit.unit_id for unit in UNITS if unit.headcount]
    one = service.opening(leaves)
    other = {**one, "release_id": str(uuid4()), "unit_ids": leaves[::-1]}
    blocker = await asyncpg.connect(service.dsn)
    try:
        # Stops both between finding no round and storing one.
        blocking = blocker.transaction()
        await blocking.start()
        await blocker.execute("lock table rounds in share mode")
        asking = [
            asyncio.create_task(service.ask("POST", "/rounds", role="service", json=body))
            for body in (one, other)
        ]
        await service.are_waiting(2)
        await blocking.rollback()
    finally:
        await blocker.close()
    refused, opened = sorted(await asyncio.gather(*asking), key=lambda a: -a.status_code)
    assert opened.status_code == 200
    assert (refused.status_code, refused.json()["code"]) == (409, "round-in-other-release")
    releases = await service.rows("select distinct release_id::text from rounds")
    assert [row[0] for row in releases] == [opened.json()["release_id"]]
    opened_events = [k for k, _ in await service.events() if k == "assessment.round.opened.v1"]
    assert len(opened_events) == len(leaves)
