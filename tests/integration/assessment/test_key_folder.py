"""Keys that cannot be accessed: reported, nothing is changed, and tried again."""

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
    keys = list((tmp_path / "keys").glob("[!.]*"))
    for key in keys:
        key.rename(tmp_path / key.name)
        key.mkdir()  # root may read any file, but nobody may read a folder as one
    check_refused(await service.answer(ward, "ward", "late", sheet(3)))
    assert "late" not in caplog.text
    await service.close(ward)
    check_refused(await service.ask("POST", f"/rounds/{ward}/write-off", json=REASON))
    await service.work()
    assert await service.status(ward) == "closed"
    assert not any(record.exc_info for record in caplog.records)  # expected, so in one line
    for key in keys:
        key.rmdir()
        (tmp_path / key.name).rename(key)
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


def unmount(tmp_path: Path, folder: str) -> None:
    (tmp_path / "keys").rename(tmp_path / "elsewhere")
    if folder == "empty":
        (tmp_path / "keys").mkdir()


def mount(tmp_path: Path) -> None:
    if (tmp_path / "keys").exists():
        (tmp_path / "keys").rmdir()  # fails if anything is in it
    (tmp_path / "elsewhere").rename(tmp_path / "keys")


@pytest.mark.parametrize("folder", ["missing", "empty"])
async def test_a_key_is_recorded_as_destroyed_only_if_the_folder_was_mounted(
    service: Service, ward: str, tmp_path: Path, folder: str, caplog: pytest.LogCaptureFixture
) -> None:
    await service.close(ward)
    unmount(tmp_path, folder)
    await service.work()
    await service.work()
    assert await service.status(ward) == "closed"
    assert await service.rows("select * from key_destructions") == []
    published = [kind for kind, _ in await service.events()]
    assert "assessment.round.anonymised.v1" not in published
    assert f"anonymise round {ward}: key folder {tmp_path / 'keys'}" in caplog.text
    assert len(list((tmp_path / "elsewhere").glob("*.key"))) == 1
    mount(tmp_path)
    await service.work()
    assert await service.status(ward) == "anonymised"
    assert len(await service.rows("select * from key_destructions")) == 1
    assert list((tmp_path / "keys").glob("*.key")) == []


@pytest.mark.parametrize("folder", ["missing", "empty"])
async def test_no_later_round_opens_in_another_folder(
    service: Service, ward: str, tmp_path: Path, folder: str
) -> None:
    await service.close(ward)
    await service.work()
    assert await service.status(ward) == "anonymised"  # even so: the next folder may not be mounted
    unmount(tmp_path, folder)
    body: dict[str, Any] = service.opening(["clinic"])
    check_refused(await service.ask("POST", "/rounds", role="service", json=body))
    assert len(await service.rows("select * from rounds")) == 1
    mount(tmp_path)
    await service.open(body)


async def test_no_answer_is_accepted_while_the_folder_is_not_mounted(
    service: Service, ward: str, tmp_path: Path
) -> None:
    unmount(tmp_path, "empty")
    check_refused(await service.answer(ward, "ward", "somebody", sheet(3)))
    mount(tmp_path)
    assert (await service.answer(ward, "ward", "somebody", sheet(3))).status_code == 200


@pytest.mark.parametrize("folder", ["missing", "empty"])
async def test_the_very_first_round_marks_the_folder(
    service: Service, tmp_path: Path, folder: str
) -> None:
    if folder == "empty":
        (tmp_path / "keys").mkdir()
    await service.open(service.opening(["ward", "clinic"]))
    assert (tmp_path / "keys" / ".round-keys").read_bytes() == b""


async def test_after_a_loss_the_new_folder_is_marked_by_hand(
    service: Service, ward: str, tmp_path: Path
) -> None:
    assert (await service.answer(ward, "ward", "somebody", sheet(3))).status_code == 200
    await service.close(ward)
    unmount(tmp_path, "empty")
    check_refused(await service.ask("POST", f"/rounds/{ward}/write-off", json=REASON))
    (tmp_path / "keys" / ".round-keys").touch()
    done = await service.ask("POST", f"/rounds/{ward}/write-off", json=REASON)
    assert done.status_code == 200
    await service.open(service.opening(["clinic"]))
