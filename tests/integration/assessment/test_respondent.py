"""Who has redeemed a one-time code answers that code's round, and no other."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from integration.assessment.service import Service, StartService, sheet


def respondent(service: Service, round_id: str, unit: str = "ward", subject: str = "code") -> str:
    """A token as the people service signs it for a code."""
    held = [{"role": "respondent", "unit": unit, "round": round_id}]
    claims = {"aud": "um-platform", "assignments": held}
    return service._issuer.sign("at+jwt", subject, 600, claims)


async def ask(
    service: Service, token: str, method: str, path: str, **request: Any
) -> httpx.Response:
    headers = {"authorization": f"Bearer {token}"}
    return await service.client.request(method, path, headers=headers, **request)


async def answer(service: Service, token: str, round_id: str, value: int = 3) -> httpx.Response:
    body = {"answers": sheet(value)}
    return await ask(service, token, "PUT", f"/rounds/{round_id}/answer", json=body)


@pytest.fixture
async def ward(service: Service) -> str:
    return (await service.open(service.opening(["ward"])))["ward"]


async def test_a_code_reads_and_answers_its_round(service: Service, ward: str) -> None:
    token = respondent(service, ward)
    round_ = await ask(service, token, "GET", f"/rounds/{ward}")
    assert (round_.status_code, round_.json()["status"]) == (200, "open")
    assert round_.json()["instrument"]["items"]
    assert (await answer(service, token, ward)).status_code == 200


async def test_a_code_counts_once_however_often_it_is_redeemed(service: Service, ward: str) -> None:
    for value in (1, 2, 3):
        token = respondent(service, ward)
        assert (await answer(service, token, ward, value)).status_code == 200
    other = respondent(service, ward, subject="another code")
    assert (await answer(service, other, ward)).status_code == 200
    assert len(await service.rows("select * from keyed_sheets")) == 2


@pytest.mark.parametrize("cache_seconds", [0, 60])
async def test_another_round_looks_unknown(
    start: StartService, service: Service, ward: str, cache_seconds: float
) -> None:
    here = await start(cache_seconds=cache_seconds)
    others = await service.open(service.opening(["office", "clinic"]))
    for unit in ("office", "clinic"):  # A process may remember them.
        assert (
            await here.answer(others[unit], unit, f"one of {unit}", sheet(2))
        ).status_code == 200
    token, unknown = respondent(service, ward), str(uuid4())
    for other in (others["office"], others["clinic"], unknown):
        for refused in (
            await ask(here, token, "GET", f"/rounds/{other}"),
            await answer(here, token, other),
        ):
            assert (refused.status_code, refused.json()["code"]) == (404, "round-unknown")
    assert len(await service.rows("select * from keyed_sheets")) == 2


async def test_the_round_has_to_be_the_units(service: Service, ward: str) -> None:
    token = respondent(service, ward, unit="clinic")
    assert (await ask(service, token, "GET", f"/rounds/{ward}")).status_code == 404
    assert (await answer(service, token, ward)).status_code == 404


async def test_no_list_and_no_result_is_open(service: Service, ward: str) -> None:
    token = respondent(service, ward)
    for path in ("/rounds", f"/rounds?unit_id=ward&round_id={ward}", f"/results?rollout_id={ward}"):
        refused = await ask(service, token, "GET", path)
        assert refused.status_code in (403, 422), path
    assert (await ask(service, token, "GET", "/rounds")).json()["code"] == "role-missing"


async def test_after_the_closing_a_code_answers_no_more(service: Service, ward: str) -> None:
    token = respondent(service, ward)
    await service.close(ward)
    refused = await answer(service, token, ward)
    assert (refused.status_code, refused.json()["code"]) == (409, "round-closed")
