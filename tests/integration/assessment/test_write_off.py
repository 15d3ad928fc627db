"""A round whose sheets cannot be read blocks its release until it is written off."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from prometheus_client import REGISTRY

from integration.assessment.service import Service

REASON = {"reason": "The key folder was lost with its disk."}


async def write_off(service: Service, round_id: str, **how: Any) -> httpx.Response:
    return await service.ask("POST", f"/rounds/{round_id}/write-off", **{"json": REASON, **how})


@pytest.fixture
async def rounds(service: Service) -> dict[str, str]:
    """Two closed rounds of one release, with enough answers each."""
    rounds = await service.open(service.opening(["ward", "clinic"]))
    await service.fill(rounds, {"ward": 9, "clinic": 8})
    for round_id in rounds.values():
        await service.close(round_id)
    return rounds


def failures() -> float:
    """How many steps of the worker's job have failed."""
    return REGISTRY.get_sample_value("job_failures_total", {"name": "release"}) or 0


def lose_key(tmp_path: Path) -> None:
    (key,) = (tmp_path / "keys").glob("*.key")
    key.unlink()


async def spoil_sheet(service: Service, round_id: str, sealed: str) -> None:
    query = (
        "update keyed_sheets set sealed = $2 where round_id = $1 and participation_key ="
        " (select min(participation_key) from keyed_sheets where round_id = $1)"
    )
    await service.rows(query, round_id, bytes.fromhex(sealed))


async def test_a_lost_key_blocks_its_release_and_nothing_else(
    service: Service, rounds: dict[str, str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lose_key(tmp_path)
    office = (await service.open(service.opening(["office"])))["office"]
    await service.close(office)
    before = failures()
    await service.work()  # does not raise, so the next run is not delayed
    assert failures() == before + 1
    assert any("is missing" in record.getMessage() for record in caplog.records)
    assert await service.status(rounds["clinic"]) == "closed"
    assert await service.rows("select * from released_cells where unit_id = 'ward'") == []
    assert await service.status(office) == "anonymised"


async def test_without_their_key_all_rounds_of_a_release_are_written_off(
    service: Service, rounds: dict[str, str], tmp_path: Path
) -> None:
    lose_key(tmp_path)
    for round_id in rounds.values():
        await service.work()
        assert await service.status(round_id) == "closed"
        assert (await write_off(service, round_id)).status_code == 200
    await service.work()
    assert await service.rows("select * from released_cells where shown") == []
    assert await service.disposal() == [(0, 17)]


@pytest.mark.parametrize("lost", ["tampered", "truncated"])
async def test_a_round_that_is_written_off_counts_as_unanswered(
    service: Service, rounds: dict[str, str], tmp_path: Path, lost: str
) -> None:
    await spoil_sheet(service, rounds["ward"], "00" * 76 if lost == "tampered" else "00")
    await service.work()
    assert await service.status(rounds["ward"]) == "closed"

    done = await write_off(service, rounds["ward"])
    assert (done.status_code, done.json()["status"]) == (200, "closed")
    await service.work()
    seen = (await service.ask("GET", f"/rounds/{rounds['ward']}")).json()
    assert (seen["status"], seen["write_off_reason"]) == ("anonymised", REASON["reason"])
    shown = await service.rows("select unit_id from released_cells where shown")
    assert {row["unit_id"] for row in shown} == {"health", "region"}
    assert await service.rows("select * from keyed_sheets") == []
    assert list((tmp_path / "keys").glob("*.key")) == []
    assert await service.disposal() == [(8, 17)]

    name = "assessment.round.written_off.v1"
    (published,) = [event for kind, event in await service.events() if kind == name]
    assert published["round_id"] == rounds["ward"]
    assert "reason" not in str(published)


async def test_answers_that_can_be_read_are_not_discarded(
    service: Service, rounds: dict[str, str], tmp_path: Path
) -> None:
    refused = await write_off(service, rounds["ward"])
    assert (refused.status_code, refused.json()["code"]) == (409, "round-readable")
    await service.work()
    assert await service.disposal() == [(17, 17)]
    # Released and perhaps not recorded as anonymous yet: a missing key is expected.
    refused = await write_off(service, rounds["ward"])
    assert (refused.status_code, refused.json()["code"]) == (409, "round-not-waiting")


async def test_a_round_without_answers_needs_no_key(service: Service, tmp_path: Path) -> None:
    ward = (await service.open(service.opening(["ward"])))["ward"]
    lose_key(tmp_path)
    refused = await write_off(service, ward)
    assert (refused.status_code, refused.json()["code"]) == (409, "round-not-waiting")  # open
    await service.close(ward)
    refused = await write_off(service, ward)
    assert (refused.status_code, refused.json()["code"]) == (409, "round-readable")
    await service.work()
    assert await service.status(ward) == "anonymised"


@pytest.mark.parametrize("folder", ["empty", "missing"])
async def test_nothing_is_written_off_while_the_key_folder_is_not_mounted(
    service: Service, rounds: dict[str, str], tmp_path: Path, folder: str
) -> None:
    keys, elsewhere = tmp_path / "keys", tmp_path / "elsewhere"
    keys.rename(elsewhere)
    if folder == "empty":
        keys.mkdir()
    refused = await write_off(service, rounds["ward"])
    assert (refused.status_code, refused.json()["code"]) == (503, "keys-unavailable")
    assert "mounted" in refused.json()["detail"]
    if folder == "empty":
        keys.rmdir()
    elsewhere.rename(keys)
    await service.work()
    assert await service.disposal() == [(17, 17)]


async def test_a_write_off_happens_once(
    service: Service, rounds: dict[str, str], tmp_path: Path
) -> None:
    lose_key(tmp_path)
    key = str(uuid4())
    first = await write_off(service, rounds["ward"], key=key)
    assert (await write_off(service, rounds["ward"], key=key)).content == first.content
    refused = await write_off(service, rounds["ward"], json={"reason": "Another reason."})
    assert (refused.status_code, refused.json()["code"]) == (409, "round-not-waiting")


@pytest.mark.parametrize("reason", ["", "  ", "x" * 2001, "a\0b"])
async def test_a_write_off_needs_a_reason(
    service: Service, rounds: dict[str, str], tmp_path: Path, reason: str
) -> None:
    lose_key(tmp_path)
    refused = await write_off(service, rounds["ward"], json={"reason": reason})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid-request")


async def test_only_administrators_of_the_unit_write_off(
    service: Service, rounds: dict[str, str], tmp_path: Path
) -> None:
    lose_key(tmp_path)
    refused = await write_off(service, rounds["ward"], role="service")
    assert (refused.status_code, refused.json()["code"]) == (403, "role-missing")
    refused = await write_off(service, rounds["ward"], units=["office"])
    assert (refused.status_code, refused.json()["code"]) == (404, "round-unknown")
    assert (await write_off(service, rounds["ward"], units=["health"])).status_code == 200
