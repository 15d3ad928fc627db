"""With a custodian, the platform alone opens no sheet while a round is open."""

import base64
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from assessment_service.adapters.sheet_cipher import HpkeOpener
from assessment_service.application.sealing_ports import UnreadableRoundError
from integration.assessment.service import Service, StartService


def custodian(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "assessment_service.custodian", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "custodian.key"


@pytest.fixture
async def service(start: StartService, key_file: Path) -> Service:
    """A service whose releases need the custodian's share."""
    made = custodian("new-key", str(key_file))
    assert made.returncode == 0, made.stderr
    public = made.stdout.strip().rpartition("PUBLIC_KEY=")[2]
    service = await start(custodian=public)
    await service.prepare()
    return service


async def opened(service: Service) -> tuple[UUID, dict[str, str]]:
    body = service.opening(["ward", "clinic"])
    rounds = await service.open(body)
    await service.fill(rounds, {"ward": 9, "clinic": 8})
    return UUID(body["release_id"]), rounds


async def envelope(service: Service) -> Mapping[str, Any]:
    (found,) = (await service.ask("GET", "/custody")).json()["items"]
    return dict(found)


async def hand_in(service: Service, release_id: UUID, share: str) -> httpx.Response:
    path = f"/releases/{release_id}/share"
    return await service.ask("POST", path, role="safety_representative", json={"share": share})


async def test_a_release_waits_for_the_custodians_share(
    service: Service, key_file: Path, tmp_path: Path
) -> None:
    release_id, rounds = await opened(service)
    seen = await envelope(service)
    assert (seen["release_id"], seen["is_closed"]) == (str(release_id), False)
    share = custodian("open", str(key_file), str(release_id), seen["envelope"]).stdout.strip()
    early = await hand_in(service, release_id, share)
    assert (early.status_code, early.json()["code"]) == (409, "release-open")

    for round_id in rounds.values():
        await service.close(round_id)
    await service.work()
    assert await service.rows("select * from released_cells") == []
    assert (await envelope(service))["is_closed"] is True

    wrong = base64.b64encode(os.urandom(32)).decode()
    refused = await hand_in(service, release_id, wrong)
    assert (refused.status_code, refused.json()["code"]) == (422, "share-wrong")
    assert (await hand_in(service, release_id, share)).status_code == 200
    assert (await service.ask("GET", "/custody")).json()["items"] == []
    await service.work()
    assert await service.disposal() == [(17, 17)]
    assert list((tmp_path / "keys").glob(f"{release_id}*")) == []
    (noted,) = await service.rows("select * from audit_lines where action like 'custody%'")
    assert noted["subject"] == f"release/{release_id}"
    assert share not in str(dict(noted))
    again = await hand_in(service, release_id, share)
    assert (again.status_code, again.json()["code"]) == (409, "share-not-needed")


async def test_what_the_platform_has_of_an_open_round_opens_nothing(
    service: Service, tmp_path: Path
) -> None:
    _, rounds = await opened(service)
    ward = await service.ask("GET", f"/rounds/{rounds['ward']}", role="employee", units=["ward"])
    assert "cannot open the answers alone" in ward.json()["who_sees_what"]["en"]
    (key,) = (tmp_path / "keys").glob("*.key")
    platform_share = key.read_bytes()
    sheets = await service.rows("select * from keyed_sheets")
    assert len(sheets) == 17
    for row in sheets:
        with pytest.raises(UnreadableRoundError):
            HpkeOpener(platform_share).open(
                row["round_id"], row["participation_key"], row["sealed"]
            )


async def test_another_key_or_release_opens_no_envelope(
    service: Service, key_file: Path, tmp_path: Path
) -> None:
    release_id, _ = await opened(service)
    sealed = (await envelope(service))["envelope"]
    custodian("new-key", str(tmp_path / "other.key"))
    for key, release in (
        (tmp_path / "other.key", release_id),
        (key_file, UUID(int=release_id.int ^ 1)),
    ):
        refused = custodian("open", str(key), str(release), sealed)
        assert refused.returncode == 1
        assert "does not open this envelope" in refused.stderr
    assert custodian("open", str(tmp_path / "none"), str(release_id), sealed).returncode == 1


def test_a_key_file_is_never_overwritten(key_file: Path) -> None:
    assert custodian("new-key", str(key_file)).returncode == 0
    before = key_file.read_bytes()
    refused = custodian("new-key", str(key_file))
    assert refused.returncode == 1
    assert "exists" in refused.stderr
    assert key_file.read_bytes() == before


@pytest.mark.parametrize("share", ["", "x", base64.b64encode(bytes(31)).decode()])
async def test_a_share_has_32_bytes(service: Service, share: str) -> None:
    release_id, _ = await opened(service)
    refused = await hand_in(service, release_id, share)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid-request")
