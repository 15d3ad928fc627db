"""Persons and assignments by hand, over HTTP: what is stored, shown, refused and never logged."""

import asyncio
import logging
from typing import Any

import httpx
import pytest

from integration.people.platform import Platform
from integration.people.service import HEADER, Service, person_row
from support.searching import tables_with

PERSON = {
    "person_id": "p-0001",
    "name": " Exempelperson  0001",
    "email": "person0001@example.se",
    "language": "en",
    "phone": "070-174 06 05",
    "hsa_id": "se2321000016-1abc",
    "reason": "Hired",
}
STORED = {
    "person_id": "p-0001",
    "name": "Exempelperson 0001",
    "email": "person0001@example.se",
    "language": "en",
    "phone": "+46701740605",
    "hsa_id": "SE2321000016-1ABC",
    "assignments": [],
}
MANAGER = {"role": "manager", "unit_id": "rehab", "reason": "Appointed"}


@pytest.fixture
async def known(service: Service) -> Service:
    """The service knows p-0001, without a role, and the unit rehab."""
    async with service.app.uow() as uow:
        await uow.units.remember("rehab", 1)
    answer = await service.ask("POST", "/persons", json=PERSON)
    assert (answer.status_code, answer.json()) == (201, STORED), answer.text
    return service


async def give(service: Service, **changes: Any) -> httpx.Response:
    path = "/persons/p-0001/assignments"
    return await service.ask("POST", path, json={**MANAGER, **changes})


async def read(service: Service) -> dict[str, Any]:
    found: dict[str, Any] = (await service.ask("GET", "/persons/p-0001")).json()
    return found


async def test_a_person_is_read_changed_and_exported(known: Service) -> None:
    assert await read(known) == STORED
    changes = {"phone": None, "language": "sv", "reason": "Asked"}
    merge = {"content-type": "application/merge-patch+json"}
    answer = await known.ask("PATCH", "/persons/p-0001", json=changes, headers=merge)
    assert answer.json() == {**STORED, "phone": "", "language": "sv"}
    assert await read(known) == answer.json()
    missing = await known.ask("GET", "/persons/p-0009")
    assert (missing.status_code, missing.json()["code"]) == (404, "unknown-person")
    await known.import_people(f"{person_row(1)},070-174 06 06", header=f"{HEADER},phone")
    export = await known.ask("GET", "/persons", headers={"accept": "text/csv"})
    assert export.text.splitlines()[-1].endswith(";'+46701740606;SE2321000016-1ABC"), export.text
    content = export.content
    again = await known.ask(
        "POST", "/persons/import", content=content, headers={"content-type": "text/csv"}
    )
    assert again.json()["numbers"]["unchanged"] == 1, again.text


async def test_a_role_by_hand_outlives_a_complete_file(known: Service) -> None:
    given = await give(known)
    assert given.status_code == 201, given.text
    assert given.json()["source"] == "hand"
    await known.import_people(person_row(1, "manager"))
    assert len((await read(known))["assignments"]) == 2
    await known.import_people(*(person_row(number) for number in range(2, 40)))
    gone = await known.import_people(*(person_row(n) for n in range(2, 40)), complete=True)
    assert gone.status_code == 200, gone.text
    audience = {"audience": "unit_managers", "unit_id": "rehab"}
    found = await known.ask("GET", "/recipients", as_="service", params=audience)
    assert found.json()["person_ids"] == ["p-0001"]
    ended = await known.ask("POST", "/persons/p-0001/assignments/end", json=MANAGER)
    assert (ended.status_code, ended.json()) == (200, {"assignments": []})
    found = await known.ask("GET", "/recipients", as_="service", params=audience)
    assert found.json()["person_ids"] == []


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"unit_id": "nowhere"}, 422, "unit-unknown"),
        ({"role": "deputy"}, 422, "assignment-invalid"),
        ({"role": "service", "unit_id": None}, 409, "caller-unknown"),
        ({"role": "auditor", "unit_id": None}, 409, "caller-unknown"),
        ({"role": "king"}, 422, "invalid-request"),
        ({"reason": " "}, 422, "invalid-request"),
        ({"source": "import"}, 422, "invalid-request"),
        ({"valid_to": "2020-01-01"}, 422, "assignment-invalid"),
    ],
)
async def test_what_cannot_be_given(
    known: Service, changes: dict[str, Any], status: int, code: str
) -> None:
    answer = await give(known, **changes)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert (await read(known))["assignments"] == []


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"phone": "112"}, "/body/phone"),
        ({"hsa_id": "199001012384"}, "/body/hsa_id"),
        ({"email": "nomail"}, "/body/email"),
        ({"name": None}, "/body/name"),
        ({"language": None}, "/body/language"),
        ({"person_id": "p-0002"}, "/body/person_id"),
        ({"assignments": []}, "/body/assignments"),
    ],
)
async def test_what_cannot_be_changed(
    known: Service, changes: dict[str, Any], pointer: str
) -> None:
    answer = await known.ask("PATCH", "/persons/p-0001", json={**changes, "reason": "Asked"})
    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert await read(known) == STORED


async def test_of_many_who_take_one_hsa_id_one_gets_it(known: Service) -> None:
    async def add(number: int) -> int:
        changes = {"person_id": f"p-{number:04}", "hsa_id": "SE2321000016-2ABC"}
        return (await known.ask("POST", "/persons", json={**PERSON, **changes})).status_code

    assert sorted(await asyncio.gather(*map(add, range(2, 8)))) == [201] + [409] * 5


async def test_of_many_who_give_the_same_one_succeeds(known: Service) -> None:
    given = await asyncio.gather(*(give(known) for _ in range(6)))
    assert sorted(answer.status_code for answer in given) == [201] + [409] * 5
    assert len((await read(known))["assignments"]) == 1


async def test_nobody_makes_themselves_an_approver(platform: Platform) -> None:
    """An administrator by a group, first unknown, then as the person whom they have added."""

    async def ask(path: str, body: dict[str, Any]) -> httpx.Response:
        token = platform.region.token(sub="own", employee="p-0001")
        headers = {"authorization": f"Bearer {await platform.exchange(token)}"}
        headers["idempotency-key"] = f"{path} {body}"[:60]
        return await platform.service.client.post(path, headers=headers, json=body)

    approver = {"role": "approver", "reason": "Why not"}
    bearer = await platform.exchange(platform.region.token(sub="own"))
    headers = {"authorization": f"Bearer {bearer}", "idempotency-key": "add"}
    added = await platform.service.client.post("/persons", headers=headers, json=PERSON)
    assert added.status_code == 201, added.text
    headers["idempotency-key"] = "give"
    path = "/persons/p-0001/assignments"
    unknown = await platform.service.client.post(path, headers=headers, json=approver)
    assert (unknown.status_code, unknown.json()["code"]) == (409, "caller-unknown")
    own = await ask(path, approver)
    assert (own.status_code, own.json()["code"]) == (403, "own-region-role")


async def test_phone_and_hsa_id_are_in_no_event_log_or_audit_line(
    known: Service, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await give(known)
    changed = {"phone": "070-174 06 06", "hsa_id": "SE2321000016-3ABC", "reason": "Asked"}
    await known.ask("PATCH", "/persons/p-0001", json=changed)
    await read(known)
    words = ["1740605", "1740606", "2321000016"]
    dsn = known.settings.db.dsn.get_secret_value()
    tables = {table for table, _ in await tables_with(dsn, words)}
    assert tables == {"persons", "former_facts", "idempotency_keys"}
    logged = [one.getMessage() for one in caplog.records if one.name != "httpx"]
    assert [line for line in logged for word in words if word in line] == []
