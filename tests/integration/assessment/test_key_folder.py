"""Keys that are away or cannot be used: said so, nothing changed, and tried again."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from integration.assessment.service import Service, sheet

REASON = {"reason": "Tried to be on the safe side."}


@pytest.fixture
async def ward(service: Service) -> str:
    """An open round in the ward."""
    return (await service.open(service.opening(["ward"])))["ward"]


def check_refused(refused: httpx.Response) -> None:
    assert (refused.status_code, refused.json()["code"]) == (503, "keys-unavailable")
    assert "mounted" in refused.json()["detail"]


async def test_a_key_that_cannot_be_read_is_neither_lost_nor_the_databases_fault(
    service: Service, ward: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert (await service.answer(ward, "ward", "early", sheet(3))).status_code == 200
    key = tmp_path / "keys" / f"{ward}.key"
    key.rename(tmp_path / "key")
    key.mkdir()  # root may read any file, but nobody may read a folder as one
    check_refused(await service.answer(ward, "ward", "late", sheet(3)))
    assert "late" not in caplog.text
    await service.close(ward)
    check_refused(await service.ask("POST", f"/rounds/{ward}/write-off", json=REASON))
    await service.work()
    assert await service.status(ward) == "closed"
    assert not any(record.exc_info for record in caplog.records)  # expected, so in one line
    key.rmdir()
    (tmp_path / "key").rename(key)
    await service.work()
    assert await service.disposal() == [(1, 1)]


async def test_no_round_opens_while_its_key_cannot_be_stored(
    service: Service, tmp_path: Path
) -> None:
    body: dict[str, Any] = service.opening(["ward"])
    (tmp_path / "keys").touch()
    check_refused(await service.ask("POST", "/rounds", role="service", json=body))
    assert await service.rows("select * from rounds") == []
    (tmp_path / "keys").unlink()
    await service.open(body)
