"""Everything that a caller can get wrong: a problem document explains it, and nothing is stored."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from assessment_service.adapters import direct_pool
from integration.assessment.service import INSTRUMENT, ITEMS, Service, StartService, sheet

NOBODYS = "3f2b8c1e-8d0a-4c57-9d0e-5a1f0c6b7e21"  # the id of no round, rollout or assignment


@pytest.fixture
async def ward(service: Service) -> str:
    """An open round in the ward."""
    return (await service.open(service.opening(["ward"])))["ward"]


@pytest.mark.parametrize(
    ("answers", "code", "pointer"),
    [
        ({ITEMS[0]: 6}, "answers-invalid", f"/body/answers/{ITEMS[0]}"),
        ({ITEMS[0]: 0}, "answers-invalid", f"/body/answers/{ITEMS[0]}"),
        ({"no-such-item": 3}, "answers-invalid", "/body/answers/no-such-item"),
        ({ITEMS[0]: "3"}, "invalid-request", f"/body/answers/{ITEMS[0]}"),
        ({ITEMS[0]: True}, "invalid-request", f"/body/answers/{ITEMS[0]}"),
        ({ITEMS[0]: None}, "answers-empty", None),
        ({}, "answers-empty", None),
    ],
)
async def test_an_answer_that_does_not_fit(
    service: Service, ward: str, answers: dict[str, Any], code: str, pointer: str | None
) -> None:
    refused = await service.answer(ward, "ward", "somebody", answers)
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (422, code)
    if pointer:
        assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert await service.rows("select * from keyed_sheets") == []


async def test_every_wrong_item_is_named(service: Service, ward: str) -> None:
    refused = await service.answer(ward, "ward", "somebody", {"x": 1, "y": None, ITEMS[0]: 99})
    named = {error["pointer"] for error in refused.json()["errors"]}
    assert named == {"/body/answers/x", "/body/answers/y", f"/body/answers/{ITEMS[0]}"}


async def test_answering_twice_replaces(service: Service, ward: str) -> None:
    for value in (1, 5):
        done = await service.answer(ward, "ward", "somebody", sheet(value))
        assert done.status_code == 200
    assert done.json()["profile"][0]["index"] == 100
    assert len(await service.rows("select * from keyed_sheets")) == 1


@pytest.mark.parametrize("units", [["health"], ["region"], ["*"]])
async def test_who_may_see_a_round_but_is_not_of_its_unit_does_not_answer(
    service: Service, ward: str, units: list[str]
) -> None:
    refused = await service.ask(
        "PUT",
        f"/rounds/{ward}/answer",
        role="manager",
        units=units,
        json={"answers": sheet(3)},
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "outside-unit")
    assert await service.rows("select * from keyed_sheets") == []


@pytest.mark.parametrize("role", ["administrator", "auditor", "service", "subscriber"])
async def test_other_roles_do_not_answer(service: Service, ward: str, role: str) -> None:
    refused = await service.ask(
        "PUT", f"/rounds/{ward}/answer", role=role, units=["ward"], json={"answers": sheet(3)}
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "role-missing")


async def test_a_closed_round_takes_no_answer(service: Service, ward: str) -> None:
    await service.close(ward)
    refused = await service.answer(ward, "ward", "somebody", sheet(3))
    assert (refused.status_code, refused.json()["code"]) == (409, "round-closed")


async def test_a_process_that_remembers_the_round_refuses_as_well(
    start: StartService, service: Service
) -> None:
    remembering = await start(cache_seconds=60)
    ward = (await service.open(service.opening(["ward"])))["ward"]
    assert (await remembering.answer(ward, "ward", "a", sheet(3))).status_code == 200
    await service.close(ward)
    refused = await remembering.answer(ward, "ward", "b", sheet(3))
    assert (refused.status_code, refused.json()["code"]) == (409, "round-closed")
    assert len(await service.rows("select * from keyed_sheets")) == 1


async def test_an_unknown_round(service: Service) -> None:
    refused = await service.answer(str(uuid4()), "ward", "somebody", sheet(3))
    assert (refused.status_code, refused.json()["code"]) == (404, "round-unknown")
    refused = await service.answer("not-a-round", "ward", "somebody", sheet(3))
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid-request")


async def test_a_body_over_the_limit(service: Service, ward: str) -> None:
    refused = await service.answer(ward, "ward", "somebody", {"x" * 2_000_000: 1})
    assert (refused.status_code, refused.json()["code"]) == (413, "body-too-large")


async def test_no_token_and_a_broken_token(service: Service, ward: str) -> None:
    path, body = f"/rounds/{ward}/answer", {"answers": sheet(3)}
    assert (await service.client.put(path, json=body)).status_code == 401
    broken = {"authorization": "Bearer " + service.token("a", ["employee"], ["ward"])[:-6]}
    assert (await service.client.put(path, json=body, headers=broken)).status_code == 401


async def test_a_published_instrument_never_changes(service: Service) -> None:
    again = await service.ask("POST", "/instruments", json=INSTRUMENT)
    assert again.status_code == 201
    changed = {**INSTRUMENT, "source": "Somewhere else"}
    refused = await service.ask("POST", "/instruments", json=changed)
    assert (refused.status_code, refused.json()["code"]) == (409, "instrument-version-exists")
    kept = await service.ask("GET", f"/instruments/{INSTRUMENT['instrument_id']}/versions/1")
    assert kept.json() == INSTRUMENT


async def test_everything_wrong_in_an_instrument_is_listed(service: Service) -> None:
    items = [dict(item) for item in INSTRUMENT["items"]]
    items[0] = {**items[0], "behaviour": "punctuality", "text": {"sv": "Bara svenska"}}
    items[1] = {**items[1], "item_id": items[2]["item_id"]}
    scale = {**INSTRUMENT["scale"], "labels": INSTRUMENT["scale"]["labels"][:4]}
    wrong = {**INSTRUMENT, "version": 2, "items": items, "scale": scale}
    refused = await service.ask("POST", "/instruments", json=wrong)
    assert (refused.status_code, refused.json()["code"]) == (422, "instrument-invalid")
    assert {error["pointer"] for error in refused.json()["errors"]} >= {
        "/body/scale/labels",
        "/body/items/0/behaviour",
        "/body/items/0/text/en",
        "/body/items/1/item_id",
        "/body/items/2/item_id",
    }


async def test_a_version_that_no_integer_holds(service: Service) -> None:
    refused = await service.ask("POST", "/instruments", json={**INSTRUMENT, "version": 2**40})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid-request")


@pytest.mark.parametrize("path", ["/rounds?", f"/results?rollout_id={NOBODYS}&"])
async def test_a_unit_that_no_unit_can_be(service: Service, path: str) -> None:
    refused = await service.ask("GET", f"{path}unit_id=a%00b")
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid-request")


@pytest.mark.parametrize(
    ("method", "path", "role"),
    [
        ("POST", "/instruments", "manager"),
        ("POST", "/instruments", "service"),
        ("POST", "/rounds", "manager"),
        ("POST", "/rounds", "administrator"),  # a round opened by hand would block a journey
        ("POST", f"/rounds/{NOBODYS}/close", "employee"),
        ("POST", f"/rounds/{NOBODYS}/close", "auditor"),
        ("GET", "/rounds", "subscriber"),
        ("GET", f"/results?rollout_id={NOBODYS}", "subscriber"),
    ],
)
async def test_a_role_that_may_not(service: Service, method: str, path: str, role: str) -> None:
    refused = await service.ask(method, path, role=role, units=["*"], json={})
    assert (refused.status_code, refused.json()["code"]) == (403, "role-missing")


async def test_a_post_without_idempotency_key(service: Service) -> None:
    token = service.token("a", ["service"], ["*"])
    refused = await service.client.post(
        "/rounds", json=service.opening(["ward"]), headers={"authorization": f"Bearer {token}"}
    )
    assert (refused.status_code, refused.json()["code"]) == (400, "idempotency-key-missing")


async def test_the_database_cannot_be_reached(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    ward = (await service.open(service.opening(["ward"])))["ward"]
    nowhere = "postgresql://nobody@127.0.0.1:9/nowhere"
    monkeypatch.setattr(service.app._direct, "_dsn", nowhere)
    refused = await service.answer(ward, "ward", "somebody", sheet(3))
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")


async def test_an_answer_does_not_wait_long_for_a_connection(
    start: StartService, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = await start(pool_size=1)
    await service.prepare()
    ward = (await service.open(service.opening(["ward"])))["ward"]
    blocker = await asyncpg.connect(service.dsn)
    try:
        blocking = blocker.transaction()
        await blocking.start()
        await blocker.execute("select 1 from rounds for update")
        first = asyncio.create_task(service.answer(ward, "ward", "first", sheet(3)))
        await service.are_waiting(1)
        with monkeypatch.context() as patch:
            patch.setattr(direct_pool, "_ACQUIRE_SECONDS", 0.1)
            late = await asyncio.wait_for(service.answer(ward, "ward", "late", sheet(3)), 30)
        await blocking.rollback()
    finally:
        await blocker.close()
    assert (late.status_code, late.json()["code"]) == (503, "unavailable")
    assert (await first).status_code == 200
    assert len(await service.rows("select * from keyed_sheets")) == 1
    again = await service.answer(ward, "ward", "late", sheet(3))  # its connection is free again
    assert again.status_code == 200


async def test_a_round_without_its_key_takes_no_answer(
    service: Service, ward: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for key in (tmp_path / "keys").glob("[!.]*"):
        key.unlink()
    refused = await service.answer(ward, "ward", "somebody", sheet(3))
    assert (refused.status_code, refused.json()["code"]) == (503, "round-unreadable")
    (logged,) = [r for r in caplog.records if r.levelname == "ERROR"]
    assert ward in logged.getMessage()
    assert logged.exc_info is None
    assert "somebody" not in caplog.text
    assert await service.rows("select * from keyed_sheets") == []
