"""Standing in for somebody over HTTP, with exchanged tokens: who may, and what it gives."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from integration.people.platform import Platform
from integration.people.service import person_row
from integration.people.test_token import imported
from people_service.domain.calendar import civil_date
from servicekit.auth import Assignment, Principal

TODAY = civil_date(datetime.now(UTC))
OWN = Assignment("employee", "rehab")


@dataclass
class Caller:
    """Somebody with a token of the platform, exchanged when they were made."""

    platform: Platform
    token: str
    principal: Principal

    @property
    def deputyships(self) -> set[Assignment]:
        return {one for one in self.principal.assignments if one.role == "deputy"}

    async def ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.token}"}
        if method == "POST":
            headers["idempotency-key"] = str(uuid4())
        client = self.platform.service.client
        return await client.request(method, path, headers=headers, **request)

    async def delegate(self, delegate: str, path: str = "", **more: Any) -> httpx.Response:
        body = {
            "role": "deputy",
            "unit_id": "rehab",
            "delegate": delegate,
            "valid_to": str(TODAY + timedelta(days=2)),
            "reason": "Leave",
            **more,
        }
        return await self.ask("POST", f"/delegations{path}", json=body)

    async def made(self, delegate: str) -> str:
        """The id of a new delegation to this person."""
        answer = await self.delegate(delegate)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["delegation_id"])

    async def end(self, delegation_id: str) -> httpx.Response:
        path = f"/delegations/{delegation_id}/end"
        return await self.ask("POST", path, json={"reason": "Back from leave"})

    async def listed(self) -> list[str]:
        answer = await self.ask("GET", "/delegations")
        assert answer.status_code == 200, answer.text
        return [one["delegation_id"] for one in answer.json()["items"]]


async def signed_in(platform: Platform, token: str) -> Caller:
    exchanged = await platform.exchange(token)
    return Caller(platform, exchanged, await platform.principal(exchanged))


async def person(platform: Platform, number: int) -> Caller:
    who = f"p-{number:04}"
    return await signed_in(platform, platform.region.token(sub=who, employee=who, groups=[]))


async def persona(platform: Platform, name: str) -> Caller:
    return await signed_in(platform, await platform.persona(name))


@pytest.fixture
async def manager(platform: Platform) -> Caller:
    """p-0001 manages rehab, where p-0002 works; p-0003 manages another unit, p-0005 administers."""
    await platform.import_as_administrator(
        *(person_row(1, "manager"), person_row(2), person_row(3, "manager", "heart")),
        *(person_row(4), person_row(5, "administrator", "")),
    )
    return await person(platform, 1)


async def test_a_deputy_acts_in_the_managers_place_until_it_is_ended(
    platform: Platform, manager: Caller
) -> None:
    before = await person(platform, 2)
    assert before.principal.assignments == {OWN}
    delegation_id = await manager.made("person0002@example.se")

    deputy = await person(platform, 2)
    standing_in = Assignment("deputy", "rehab", True, manager.principal.subject)
    assert deputy.principal.assignments == {OWN, standing_in}
    assert await deputy.listed() == await manager.listed() == [delegation_id]

    ended = await deputy.end(delegation_id)
    assert (ended.status_code, ended.json()["ended_on"] is None) == (200, False)
    assert (await person(platform, 2)).principal.assignments == {OWN}
    again = await manager.end(delegation_id)
    assert (again.status_code, again.json()["code"]) == (409, "delegation-over")

    lines = (await (await persona(platform, "auditor")).ask("GET", "/audit")).json()["items"]
    subject = f"delegation/{delegation_id}"
    noted = {
        one["action"].partition("/")[0]: (one["account"], one["on_behalf_of"])
        for one in lines
        if one["subject"] == subject
    }
    assert noted == {
        "delegations.make": (manager.principal.subject, ""),
        "delegations.end": (deputy.principal.subject, manager.principal.subject),
    }


async def test_a_deputy_cannot_pass_it_on(platform: Platform, manager: Caller) -> None:
    await manager.made("p-0002")
    deputy = await person(platform, 2)
    answer = await deputy.delegate("p-0004")
    assert (answer.status_code, answer.json()["code"]) == (403, "role-missing")
    assert (await person(platform, 4)).principal.assignments == {OWN}


async def test_a_deputy_who_manages_another_unit_cannot_pass_it_on_either(
    platform: Platform, manager: Caller
) -> None:
    await manager.made("p-0003")
    answer = await (await person(platform, 3)).delegate("p-0004")
    assert (answer.status_code, answer.json()["code"]) == (409, "role-not-held")


async def test_who_is_no_manager_any_more_is_stood_in_for_by_nobody(
    platform: Platform, manager: Caller
) -> None:
    await manager.made("p-0002")
    await platform.import_as_administrator(person_row(1))
    assert (await person(platform, 2)).principal.assignments == {OWN}


async def test_a_role_that_nobody_known_has_given_cannot_be_delegated(platform: Platform) -> None:
    """Else an administrator whom nobody has imported approves by whom they appoint."""
    unknown = await platform.exchange(platform.region.token(sub="unknown"))
    rows = person_row(1, "manager"), person_row(1, "approver", ""), person_row(2)
    assert (await imported(platform, unknown, *rows)).status_code == 200
    answer = await (await person(platform, 1)).delegate("p-0002", role="approver", unit_id=None)
    assert (answer.status_code, answer.json()["code"]) == (409, "role-not-held")
    assert (await person(platform, 2)).principal.assignments == {OWN}
    read = await platform.service.client.get(
        "/persons/p-0001", headers={"authorization": f"Bearer {unknown}"}
    )
    counted = {one["role"]: one["counts"] for one in read.json()["assignments"]}
    assert counted == {"manager": True, "approver": False}


async def test_nobody_else_sees_or_ends_it(platform: Platform, manager: Caller) -> None:
    delegation_id = await manager.made("p-0002")
    stranger = await person(platform, 3)
    assert await stranger.listed() == []
    foreign, unknown = await stranger.end(delegation_id), await stranger.end(str(uuid4()))
    assert {one.status_code for one in (foreign, unknown)} == {404}
    assert {one.json()["code"] for one in (foreign, unknown)} == {"delegation-unknown"}
    assert (await person(platform, 2)).deputyships


async def test_an_administrator_records_what_was_said_on_paper(
    platform: Platform, manager: Caller
) -> None:
    administrator = await person(platform, 5)
    said = await administrator.delegate("p-0002", "/on-paper", principal_id="p-0001")
    assert (said.status_code, said.json()["on_paper"]) == (201, True)
    (held,) = (await person(platform, 2)).deputyships
    assert held.standing_for == manager.principal.subject
    assert await administrator.listed() == [said.json()["delegation_id"]]
    refused = await manager.delegate("p-0002", "/on-paper", principal_id="p-0003")
    assert (refused.status_code, refused.json()["code"]) == (403, "role-missing")
    unknown = await persona(platform, "administrator")
    refused = await unknown.delegate("p-0002", "/on-paper", principal_id="p-0003", unit_id="heart")
    assert (refused.status_code, refused.json()["code"]) == (409, "caller-unknown")
    assert (await administrator.end(said.json()["delegation_id"])).status_code == 200


async def test_whoever_stands_in_for_two_ends_one_in_one_ones_place(
    platform: Platform, manager: Caller
) -> None:
    """Not in the place of both: each delegation is of a unit of its own."""
    other = await person(platform, 3)
    delegation_id = await manager.made("p-0002")
    await other.delegate("p-0002", unit_id="heart")
    deputy = await person(platform, 2)
    assert (await deputy.end(delegation_id)).status_code == 200
    (line,) = [
        one
        for one in (await (await persona(platform, "auditor")).ask("GET", "/audit")).json()["items"]
        if one["action"] == "delegations.end/end_delegation"
    ]
    assert line["on_behalf_of"] == manager.principal.subject


async def test_what_was_done_in_the_place_of_two_is_found_by_each(platform: Platform) -> None:
    rows = (person_row(1, "manager"), person_row(2), person_row(3, "manager"))
    await platform.import_as_administrator(*rows)
    principals = [await person(platform, number) for number in (1, 3)]
    first, _ = [await one.made("p-0002") for one in principals]
    deputy = await person(platform, 2)
    assert (await deputy.end(first)).status_code == 200
    auditor, action = await persona(platform, "auditor"), "delegations.end"
    for one in (*principals, deputy):
        asked = {"account": one.principal.subject, "action": action}
        (line,) = (await auditor.ask("GET", "/audit", params=asked)).json()["items"]
        assert len(line["on_behalf_of"].split()) == 2


async def test_whoever_was_stood_in_for_signs_in_to_no_other_account(platform: Platform) -> None:
    """Else four eyes do not see that they and their delegate are one."""
    boss = platform.region.token(sub="boss", employee="p-0001")
    before = await signed_in(platform, boss)
    await platform.import_as_administrator(
        person_row(1, "approver", ""), person_row(2), person_row(5, "administrator", "")
    )
    administrator = await person(platform, 5)
    said = {"role": "approver", "unit_id": None, "principal_id": "p-0001"}
    made = await administrator.delegate("p-0002", "/on-paper", **said)
    (held,) = [
        one.standing_for
        for one in (await person(platform, 2)).principal.assignments
        if one.role == "approver"
    ]
    await administrator.end(made.json()["delegation_id"])
    assert "has acted" in await platform.refusal(boss)
    known = (await administrator.ask("GET", "/identities/without-person")).json()["items"]
    (identity_id,) = [one["identity_id"] for one in known if one["subject"] == "boss"]
    path = f"/persons/p-0001/identities/{identity_id}/join"
    assert (await administrator.ask("POST", path, json={"reason": "Shown"})).status_code == 200
    joined = await signed_in(platform, boss)
    assert joined.principal.subject == held != before.principal.subject


async def test_who_will_stand_in_sees_and_ends_it_before_its_first_day(
    platform: Platform, manager: Caller
) -> None:
    tomorrow = str(TODAY + timedelta(days=1))
    made = (await manager.delegate("p-0002", valid_from=tomorrow)).json()["delegation_id"]
    deputy, other = await person(platform, 2), await person(platform, 4)
    assert deputy.principal.assignments == {OWN}
    assert (await deputy.listed(), await other.listed()) == ([made], [])
    assert (await other.end(made)).status_code == 404
    assert (await deputy.end(made)).status_code == 200


async def test_its_end_is_announced_once_and_both_are_found(
    platform: Platform, manager: Caller
) -> None:
    delegation_id = await manager.made("p-0002")
    app = platform.service.app
    await app._announce_ends()
    await app._announce_ends()
    async with app.uow() as uow:
        query = "select payload from outbox where topic = 'people.delegation'"
        (row,) = await uow.connection.execute(text(query))
    ends_on = str(TODAY + timedelta(days=2))
    assert json.loads(row.payload) == {"delegation_id": delegation_id, "ends_on": ends_on}

    asked = {"audience": "delegation", "delegation_id": delegation_id}
    service = await persona(platform, "service")
    answer = await service.ask("GET", "/recipients", params=asked)
    assert answer.json() == {"person_ids": ["p-0001", "p-0002"]}
    await manager.end(delegation_id)
    answer = await service.ask("GET", "/recipients", params=asked)
    assert answer.json() == {"person_ids": []}


async def test_names_are_told_to_the_two_of_them_only(manager: Caller) -> None:
    delegation_id = await manager.made("p-0002")
    deputy = await person(manager.platform, 2)
    administrator = await person(manager.platform, 5)
    for who, named in ((manager, True), (deputy, True), (administrator, False)):
        answer = await who.ask("GET", "/delegations")
        [one] = [o for o in answer.json()["items"] if o["delegation_id"] == delegation_id]
        assert bool(one["principal_name"] and one["delegate_name"]) is named
