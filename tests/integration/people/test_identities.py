"""What an administrator sees of identities, and does when somebody cannot sign in."""

import asyncio
import logging
from typing import Any
from uuid import uuid4

import httpx
import pytest

from integration.people.platform import Platform
from integration.people.service import HEADER, person_row


async def administrator(platform: Platform, number: int) -> str:
    """The token of one who is a person, p-<number>."""
    who = f"p-{number:04}"
    return await platform.exchange(platform.region.token(sub=who, employee=who, groups=[]))


async def ask(
    platform: Platform, method: str, path: str, bearer: str = "", **request: Any
) -> httpx.Response:
    """A request by an administrator, by default by one whom nobody knows."""
    bearer = bearer or await platform.exchange(await platform.persona("administrator"))
    headers = {"authorization": f"Bearer {bearer}", "idempotency-key": str(uuid4())}
    return await platform.service.client.request(method, path, headers=headers, **request)


async def test_a_person_with_a_new_account_at_the_provider_is_let_in(platform: Platform) -> None:
    """The steps of docs/how-to/connect-an-identity-provider.md, "Somebody cannot sign in"."""
    administrators = [person_row(n, "administrator", "") for n in (4, 5)]
    await platform.import_as_administrator(person_row(1, "manager"), person_row(2), *administrators)
    old = platform.region.token(sub="old", employee="p-0001")
    new = platform.region.token(sub="new", employee="p-0001")
    before = await platform.principal(await platform.exchange(old))
    assert "An administrator has to look at it" in await platform.refusal(new)
    await platform.refusal(new)

    ((waiting,), total) = await listed(platform, "/identities/refused")
    expected = {
        "issuer": platform.region.url,
        "subject": "new",
        "why": "another-identity",
        "named": "p-0001",
        "belongs_to": None,
    }
    assert total == 1
    assert waiting == {**expected, "since": waiting["since"], "last": waiting["last"]}
    assert waiting["since"] < waiting["last"]

    has = (await ask(platform, "GET", "/persons/p-0001/identities")).json()
    (identity,) = has["identities"]
    assert (identity["issuer"], identity["subject"]) == (platform.region.url, "old")
    path = f"/persons/p-0001/identities/{identity['identity_id']}/release"
    said = {"reason": "Got a new account at the provider."}
    fourth, fifth = [await administrator(platform, number) for number in (4, 5)]
    answer = await ask(platform, "POST", path, fourth, json=said)
    assert answer.status_code == 200, answer.text
    assert answer.json()["identities"] == []
    assert answer.json()["released"][0]["reason"] == said["reason"]
    assert await listed(platform, "/identities/refused") == ([], 0)

    assert "was taken from the person" in await platform.refusal(old)
    after = await platform.principal(await platform.exchange(new))
    assert after.subject == before.subject
    assert "has another identity" in await platform.refusal(old)
    anew = platform.region.token(sub="old", employee="p-0002", groups=[])
    assert "was taken from another person" in await platform.refusal(anew)
    join = f"/persons/p-0002/identities/{identity['identity_id']}/join"
    joined = await ask(platform, "POST", join, fifth, json={"reason": "Shown in person."})
    assert joined.status_code == 200, joined.text
    assert (await platform.principal(await platform.exchange(anew))).subject != before.subject
    assert await listed(platform, "/identities/refused") == ([], 0)
    again = await ask(platform, "POST", path, fourth, json=said)
    assert (again.status_code, again.json()["code"]) == (404, "unknown-identity")


async def test_whoever_acted_as_nobody_known_does_not_become_a_person_who_acted(
    platform: Platform,
) -> None:
    """Somebody proposes by one account, lets the provider send their id, and approves by the
    other: for four eyes both would be two people, and the first account's traces lead nowhere."""
    row = person_row(3, "manager").replace("p-0003", "person-0003")
    await platform.import_as_administrator(row, person_row(4, "administrator", ""))
    as_nobody = await platform.exchange(platform.region.token(sub="x"))
    as_person = await platform.exchange(await platform.persona("person:person-0003"))
    proposer, approver = [(await platform.principal(t)).subject for t in (as_nobody, as_person)]
    assert proposer != approver

    later = platform.region.token(sub="x", employee="person-0003")
    assert "has acted by another account" in await platform.refusal(later)
    ((waiting,), _) = await listed(platform, "/identities/refused")
    assert (waiting["why"], waiting["named"], waiting["belongs_to"]) == (
        *("another-account", "person-0003", None),
    )
    still = await platform.exchange(platform.region.token(sub="x"))
    assert (await platform.principal(still)).subject == proposer

    found, _ = await listed(platform, "/identities/without-person")
    (identity,) = [one for one in found if one["subject"] == "x"]
    path = f"/persons/person-0003/identities/{identity['identity_id']}/join"
    said = {"reason": "Shown in person."}

    async def join(bearer: str) -> httpx.Response:
        headers = {"authorization": f"Bearer {bearer}", "idempotency-key": str(uuid4())}
        return await platform.service.client.post(path, json=said, headers=headers)

    themselves = await join(as_nobody)
    assert (themselves.status_code, themselves.json()["code"]) == (409, "caller-unknown")
    fourth = platform.region.token(sub="p-0004", employee="p-0004", groups=[])
    other = await platform.exchange(fourth)
    assert (await join(other)).status_code == 200
    again = await join(other)
    assert (again.status_code, again.json()["code"]) == (404, "unknown-identity")
    assert (await platform.principal(await platform.exchange(later))).subject == approver
    lines = (await _as_auditor(platform)).json()["items"]
    (line,) = [one for one in lines if one["action"] == "persons.change/join"]
    assert proposer in line["details"]
    assert approver in line["details"]


async def test_nobody_joins_an_identity_to_themselves(platform: Platform) -> None:
    await platform.import_as_administrator(person_row(4, "administrator", ""))
    bearer = await platform.exchange(platform.region.token(sub="a", employee="p-0004", groups=[]))
    headers = {"authorization": f"Bearer {bearer}", "idempotency-key": str(uuid4())}
    path = f"/persons/p-0004/identities/{uuid4()}/join"
    answer = await platform.service.client.post(path, json={"reason": "Mine"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "own-identity")


async def _as_auditor(platform: Platform) -> httpx.Response:
    bearer = await platform.exchange(await platform.persona("auditor"))
    headers = {"authorization": f"Bearer {bearer}"}
    return await platform.service.client.get("/audit", headers=headers)


async def test_the_refusal_names_whose_the_identity_is(platform: Platform) -> None:
    await platform.import_as_administrator(person_row(1, "manager"), person_row(2))
    await platform.exchange(platform.region.token(sub="a", employee="p-0001"))
    await platform.refusal(platform.region.token(sub="a", employee="p-0002"))
    ((waiting,), _) = await listed(platform, "/identities/refused")
    assert (waiting["why"], waiting["named"], waiting["belongs_to"]) == (
        *("another-person", "p-0002", "p-0001"),
    )
    await platform.refusal(platform.region.token(sub="a", employee="nobody-known"))
    ((waiting,), _) = await listed(platform, "/identities/refused")
    assert (waiting["named"], waiting["belongs_to"]) == (None, "p-0001")


async def test_what_is_listed_is_bounded_and_goes_with_the_person(platform: Platform) -> None:
    await platform.import_as_administrator(person_row(1, "manager"))
    await platform.exchange(platform.region.token(sub="a", employee="p-0001"))
    refused = [platform.region.token(sub=f"s{n}", employee="p-0001") for n in range(8)]
    await asyncio.gather(*(platform.refusal(token) for token in refused * 2))
    found, total = await listed(platform, "/identities/refused?limit=5")
    assert (len(found), total) == (5, 8)
    assert (await ask(platform, "DELETE", "/persons/p-0001")).status_code == 204
    assert await listed(platform, "/identities/refused") == ([], 0)


async def test_who_is_nobody_here_is_listed(platform: Platform) -> None:
    await platform.exchange(platform.region.token(sub="first-administrator"))
    found, _ = await listed(platform, "/identities/without-person")
    assert (platform.region.url, "first-administrator") in {
        (one["issuer"], one["subject"]) for one in found
    }


async def test_who_was_refused_is_listed_too_and_named_in_no_log(
    platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    ended = f"{person_row(7, 'facilitator')},2026-01-31"
    await platform.import_as_administrator(ended, header=f"{HEADER},valid_to")
    said = await platform.refusal(platform.region.token(sub="new", employee="p-0099", groups=[]))
    assert "No person here has this id" in said
    known = platform.region.token(sub="known", employee="p-0007", groups=[])
    assert "It ended on 2026-01-31" in await platform.refusal(known)
    found, _ = await listed(platform, "/identities/without-person")
    assert "new" in {one["subject"] for one in found}
    logged = " ".join(one.getMessage() for one in caplog.records if one.name != "httpx")
    assert "it gives no role that holds today" in logged
    assert "p-0007" not in logged


async def listed(platform: Platform, path: str) -> tuple[list[dict[str, Any]], int]:
    answer = await ask(platform, "GET", path)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"], answer.json()["total"]
