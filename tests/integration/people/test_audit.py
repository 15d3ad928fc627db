"""Every change that somebody makes to persons is noted once, and so is who reads them."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from integration.people.platform import Platform
from integration.people.service import Service, person_row
from servicekit import audit_trail
from servicekit.audit_trail import Account
from servicekit.settings import Database
from support.audit import Line, Trail, noted_actions

CSV = {"content-type": "text/csv"}
ELSEWHERE = {
    "persons.provision",  # test_scim.py
    "codes.issue/issue_sign_in_codes",  # test_sign_in_codes.py
    "import_mappings.change/save_mapping",  # servicekit's, noted in the other services too
    "import_mappings.change/remove_mapping",
    "delegations.make/delegate",  # test_delegation.py
    "persons.change/erase_person",  # test_erasure.py
    "erasures.confirm/confirm",
    "persons.change/release",  # test_identities.py
    "persons.change/join",
    "contacts.ask/read_contacts",  # below
}


async def test_every_change_is_noted_once(platform: Platform, database: Database) -> None:
    persona = await platform.exchange(await platform.persona("administrator"))
    trail = Trail(database)

    async def noted(method: str, path: str, bearer: str = persona, **request: Any) -> list[Line]:
        """The lines of a request; the same request again leaves none."""
        headers = {"authorization": f"Bearer {bearer}", "idempotency-key": str(uuid4())}
        headers |= request.pop("headers", {})
        repeats = 2 if method == "POST" else 1
        for _ in range(repeats):
            client = platform.service.client
            answer = await client.request(method, path, headers=headers, **request)
            assert answer.is_success, answer.text
        lines = await trail.new()
        assert {line.account for line in lines} == {(await platform.principal(bearer)).subject}
        return lines

    rows = [person_row(1), person_row(2, "manager"), person_row(3, "administrator", "")]
    file = "\n".join(["person_id,name,email,language,role,unit_id", *rows])
    (preview,) = await noted(
        "POST", "/persons/import", params={"dry_run": True}, content=file.encode(), headers=CSV
    )
    assert (preview.action, preview.subject) == ("persons.change/import_persons", "persons")
    assert (preview.after["dry_run"], preview.after["added"]) == (True, 3)
    whole, *each = await noted("POST", "/persons/import", content=file.encode(), headers=CSV)
    assert (whole.action, whole.after["added"]) == ("persons.change/import_persons", 3)
    assert {line.subject for line in each} == {"person/p-0001", "person/p-0002", "person/p-0003"}
    assert all("example.se" not in str(line) for line in each)
    assert await trail.new() == []

    (line,) = await noted("GET", "/persons")
    assert (line.action, line.after) == ("persons.read/list_persons", {"read": "page 1"})

    (line,) = await noted("GET", "/persons/p-0001")
    assert line[1:3] == ("persons.read/read_person", "person/p-0001")
    reason = {"reason": "Hired"}
    added = {"person_id": "p-0004", "name": "Exempelperson 0004", **reason}
    (line,) = await noted("POST", "/persons", json=added)
    assert line[1:3] == ("persons.change/add_person", "person/p-0004")
    phone = {"phone": "070-174 06 05", **reason}
    (line,) = await noted("PATCH", "/persons/p-0004", json=phone)
    assert (line.action, line.after, line.reason) == (
        "persons.change/change_person",
        {"changed": ["phone"]},
        "Hired",
    )
    async with platform.service.app.uow() as uow:
        await uow.units.remember("rehab", 1)
    role = {"role": "facilitator", "unit_id": "rehab", **reason}
    (line,) = await noted("POST", "/persons/p-0004/assignments", json=role)
    assert line[1:3] == ("persons.assign/give_assignment", "person/p-0004")
    assert line.after["assignments"][0].startswith("facilitator of rehab, from 20")
    (line,) = await noted("POST", "/persons/p-0004/assignments/end", json=role)
    assert line[1:3] == ("persons.assign/end_assignment", "person/p-0004")
    assert line.before["assignments"][0].startswith("facilitator of rehab, from 20")
    assert (line.after, line.reason) == ({"assignments": []}, "Hired")

    on_paper = {
        "principal_id": "p-0002",
        "delegate": "p-0001",
        "unit_id": "rehab",
        "valid_to": str(datetime.now(UTC).date() + timedelta(days=9)),
        "reason": "Leave",
    }
    token = platform.region.token(sub="p-0003", employee="p-0003")
    known = await platform.exchange(token)
    bound = await trail.one()
    assert bound[1:3] == ("open/exchange_token", "person/p-0003")
    assert bound.account == (await platform.principal(known)).subject
    assert bound.after == {"changed": ["identities"], "issuer": platform.region.url}
    await platform.exchange(token)
    assert await trail.new() == []
    (line,) = await noted("POST", "/delegations/on-paper", known, json=on_paper)
    assert line[1:3] == ("delegations.record/record_on_paper", line.subject)
    assert (line.after["principal"], line.after["on_paper"], line.reason) == (
        "p-0002",
        True,
        "Leave",
    )
    path = f"/delegations/{line.subject.partition('/')[2]}/end"
    (line,) = await noted("GET", "/delegations")
    assert line[1:3] == ("delegations.oversee/list_delegations", "delegations")
    assert line.after == {"read": "page 1"}
    (line,) = await noted("POST", path, json={"reason": "Back"})
    assert (line.action, line.reason) == ("delegations.end/end_delegation", "Back")

    (line,) = await noted("GET", "/identities/without-person")
    (line,) = await noted("DELETE", "/persons/p-0001")
    assert line[1:3] == ("persons.change/forget_person", "person/p-0001")
    assert noted_actions(platform.service.app.api()) - trail.actions - ELSEWHERE <= {
        "persons.change/release"
    }


async def test_readers_at_once_are_each_noted(
    platform: Platform, service: Service, database: Database
) -> None:
    await service.import_people(*(person_row(n) for n in range(1, 9)))
    trail = Trail(database)
    await trail.new()
    kinds: tuple[dict[str, str], ...] = {"accept": "text/csv"}, {}
    asked = [
        service.ask("GET", path, headers=headers)
        for _ in range(4)
        for path in ("/persons", "/identities/refused")
        for headers in kinds
    ]
    async with service.app.uow() as uow:  # An import, say, that holds the end of the trail.
        await audit_trail.lock(uow.connection)
        reading = [asyncio.ensure_future(one) for one in asked]
        await asyncio.sleep(0.5)
        uow.by(Account("importer")).audit("persons.change/import_persons", "persons")
    assert {answer.status_code for answer in await asyncio.gather(*reading)} == {200}
    assert len(await trail.new()) == len(asked) + 1


async def test_a_service_that_reads_addresses_is_noted_by_their_number(
    platform: Platform, database: Database
) -> None:
    await platform.import_as_administrator(person_row(1), person_row(2))
    bearer = await platform.exchange(await platform.persona("service"))
    trail = Trail(database)
    await trail.new()
    answer = await platform.service.client.post(
        "/contacts",
        json={"person_ids": ["p-0001", "p-0002", "p-0009"]},
        headers={"authorization": f"Bearer {bearer}"},
    )
    assert len(answer.json()["contacts"]) == 2
    line = await trail.one()
    assert line.account == (await platform.principal(bearer)).subject
    assert line[1:5] == ("contacts.ask/read_contacts", "persons", None, {"asked": 3, "read": 2})


async def test_who_sees_their_own_delegations_reads_no_others(
    platform: Platform, database: Database
) -> None:
    await platform.import_as_administrator(person_row(1, "manager"))
    bearer = await platform.exchange(
        platform.region.token(sub="p-0001", employee="p-0001", groups=[])
    )
    trail = Trail(database)
    await trail.new()
    headers = {"authorization": f"Bearer {bearer}"}
    answer = await platform.service.client.get("/delegations", headers=headers)
    assert answer.json()["items"] == []
    assert await trail.new() == []
