"""Attacks: an administrator tries to become another person, or to come back as one."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from devstack import Stack
from integration.people.issuers import OwnIssuer
from integration.people.platform import Platform
from integration.people.service import HEADER, people_settings, serving
from people_service.settings import ProviderSettings
from servicekit.settings import Auth, Database

HSA = f"{HEADER},hsa_id"
OWN, THEIRS = "SE2321000016-1ABC", "SE2321000016-2ABC"
ROWS = (
    f"p-1,Exempelperson 1,person1@example.se,sv,administrator,,{OWN}",
    f"p-2,Exempelperson 2,person2@example.se,sv,approver,,{THEIRS}",
    "p-3,Exempelperson 3,person3@example.se,sv,administrator,,SE2321000016-3ABC",
    "p-4,Exempelperson 4,person4@example.se,sv,administrator,,SE2321000016-4ABC",
)


@pytest.fixture
async def platform(
    servers: Stack, database: Database, tmp_path: Path, region: OwnIssuer, stranger: OwnIssuer
) -> AsyncIterator[Platform]:
    """A provider that gives HSA ids. p-1, p-3 and p-4 are administrators, p-2 an approver."""
    plain = people_settings(servers, database, tmp_path / "keys")
    trusted = ProviderSettings(
        name="region",
        issuer=region.url,
        audiences=["um-platform"],
        token_types=["at+jwt"],
        hsa_claim="hsa",
    )
    more = {"providers": [*plain.providers, trusted]}
    async with serving(
        lambda url: plain.model_copy(update={"auth": Auth(issuer=url), **more})
    ) as service:
        platform = Platform(service, servers.env["ISSUER_URL"], region, stranger)
        await platform.import_as_administrator(*ROWS, header=HSA)
        yield platform


async def bearer(platform: Platform, number: int) -> str:
    """The platform's token of p-<number>."""
    return await platform.exchange(token(platform, number))


def token(platform: Platform, number: int) -> str:
    hsa_id = f"SE2321000016-{number}ABC"
    return platform.region.token(sub=f"subject-{number}", hsa=hsa_id, groups=[])


async def ask(
    platform: Platform, who: str, method: str, path: str, **request: Any
) -> httpx.Response:
    headers = {
        "authorization": f"Bearer {who}",
        "idempotency-key": str(uuid4()),
        **request.pop("headers", {}),
    }
    return await platform.service.client.request(method, path, headers=headers, **request)


async def release(platform: Platform, who: str, person_id: str) -> httpx.Response:
    has = (await ask(platform, who, "GET", f"/persons/{person_id}/identities")).json()
    path = f"/persons/{person_id}/identities/{has['identities'][0]['identity_id']}/release"
    return await ask(platform, who, "POST", path, json={"reason": "New account"})


async def take_over_id(platform: Platform, who: str) -> None:
    """p-2 gets the HSA id of p-1."""
    for person_id, hsa_id in (("p-1", None), ("p-2", OWN)):
        changed = {"hsa_id": hsa_id, "reason": "Corrected"}
        answer = await ask(platform, who, "PATCH", f"/persons/{person_id}", json=changed)
        assert answer.status_code == 200, answer.text


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_nobody_releases_their_own_identity(platform: Platform) -> None:
    """With another person's HSA id they would be that person at their next sign-in."""
    own = await bearer(platform, 1)
    await bearer(platform, 2)
    await take_over_id(platform, own)
    assert (await release(platform, own, "p-2")).status_code == 200
    assert refusal(await release(platform, own, "p-1")) == (403, "own-identity")
    nobody = await platform.exchange(await platform.persona("administrator"))
    assert refusal(await release(platform, nobody, "p-1")) == (409, "caller-unknown")
    assert "belongs to another person" in await platform.refusal(token(platform, 1))


async def test_a_released_identity_is_another_persons_only_when_somebody_else_says_so(
    platform: Platform,
) -> None:
    own, releaser = await bearer(platform, 1), await bearer(platform, 3)
    (identity,) = (await ask(platform, own, "GET", "/persons/p-1/identities")).json()["identities"]
    await take_over_id(platform, own)
    assert (await release(platform, releaser, "p-1")).status_code == 200
    assert "taken from another person" in await platform.refusal(token(platform, 1))
    (waiting,) = (await ask(platform, releaser, "GET", "/identities/refused")).json()["items"]
    assert (waiting["why"], waiting["named"]) == ("released-from-another", "p-2")
    known = (await ask(platform, releaser, "GET", "/identities/without-person")).json()["items"]
    assert identity["identity_id"] in {one["identity_id"] for one in known}

    changed = {"hsa_id": "SE2321000016-9ABC", "reason": "Corrected"}
    await ask(platform, releaser, "PATCH", "/persons/p-1", json=changed)
    anew = platform.region.token(sub="new", hsa="SE2321000016-9ABC", groups=[])
    again = await platform.exchange(anew)
    path = f"/persons/p-2/identities/{identity['identity_id']}/join"
    for who, code in ((again, "own-identity"), (releaser, "own-release")):
        refused = await ask(platform, who, "POST", path, json={"reason": "Shown"})
        assert refusal(refused) == (403, code)
    assert "taken from another person" in await platform.refusal(token(platform, 1))
    third = await bearer(platform, 4)
    joined = await ask(platform, third, "POST", path, json={"reason": "Shown"})
    assert joined.status_code == 200, joined.text
    assert (await platform.principal(await bearer(platform, 1))).has("approver")


async def test_a_release_outlives_the_person_from_whom_it_was(platform: Platform) -> None:
    """Else who released it deletes the person, and the identity is whose the releaser wants."""
    await bearer(platform, 1)
    releaser = await bearer(platform, 3)
    assert (await release(platform, releaser, "p-1")).status_code == 200
    assert (await ask(platform, releaser, "DELETE", "/persons/p-1")).status_code == 204
    await platform.import_as_administrator(ROWS[0], header=HSA)
    assert "taken from the person" in await platform.refusal(token(platform, 1))

    assert (await ask(platform, releaser, "DELETE", "/persons/p-1")).status_code == 204
    changed = {"hsa_id": OWN, "reason": "Corrected"}
    await ask(platform, releaser, "PATCH", "/persons/p-2", json=changed)
    assert "taken from another person" in await platform.refusal(token(platform, 1))
    known = (await ask(platform, releaser, "GET", "/identities/without-person")).json()["items"]
    (identity_id,) = [one["identity_id"] for one in known if one["subject"] == "subject-1"]
    path = f"/persons/p-2/identities/{identity_id}/join"
    refused = await ask(platform, releaser, "POST", path, json={"reason": "Shown"})
    assert refusal(refused) == (403, "own-release")


async def test_nobody_erases_or_deletes_themselves(platform: Platform) -> None:
    """Their token would still import roles for whom they come back as."""
    own = await bearer(platform, 1)
    nobody = await platform.exchange(await platform.persona("administrator"))
    erase = {"json": {"reason": "Asked for it"}}
    for who, method, path, expected in (
        (own, "POST", "/persons/p-1/erase", (403, "own-person")),
        (own, "POST", "/persons/P-1/erase", (403, "own-person")),
        (own, "DELETE", "/persons/p-1", (403, "own-person")),
        (nobody, "POST", "/persons/p-1/erase", (409, "caller-unknown")),
    ):
        more = erase if method == "POST" else {}
        assert refusal(await ask(platform, who, method, path, **more)) == expected
    assert (await ask(platform, own, "GET", "/persons/p-1")).status_code == 200


@pytest.mark.parametrize("how", ["erase", "delete"])
async def test_who_was_somebody_raises_nobody_by_a_token_that_still_counts(
    platform: Platform, how: str
) -> None:
    own, other = await bearer(platform, 1), await bearer(platform, 3)
    if how == "erase":
        erase = {"reason": "Left"}
        gone = await ask(platform, other, "POST", "/persons/p-1/erase", json=erase)
    else:
        gone = await ask(platform, other, "DELETE", "/persons/p-1")
    assert gone.is_success, gone.text
    raised = f"p-1,Exempelperson 1,person1@example.se,sv,approver,,{OWN}"
    file = "\n".join([HSA, ROWS[0], raised]).encode()
    headers = {"content-type": "text/csv"}
    sent = await ask(platform, own, "POST", "/persons/import", content=file, headers=headers)
    assert sent.status_code == 200, sent.text
    assert "Who gave it was not known" in await platform.refusal(token(platform, 1))
    sent = await ask(platform, own, "POST", "/persons/import", content=file, headers=headers)
    assert "Who gave it was not known" in await platform.refusal(token(platform, 1))
    sent = await ask(platform, other, "POST", "/persons/import", content=file, headers=headers)
    assert [one["kind"] for one in sent.json()["region_roles"]] == ["confirmed"] * 2
    who = await platform.principal(await bearer(platform, 1))
    assert who.has("approver")
