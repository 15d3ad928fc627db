"""Tokens end to end: an identity provider's in, the platform's out, and a service that takes it."""

import asyncio
import json
from base64 import urlsafe_b64decode
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import pytest
from prometheus_client import REGISTRY

from devstack import Stack, StackError
from devstack.credentials import load_secrets
from devstack.options import Layout
from devstack.tokens import platform_token
from integration.people.issuers import OwnIssuer
from integration.people.platform import GRANT, Platform
from integration.people.service import (
    HEADER,
    people_settings,
    person_row,
    serving,
)
from people_service.settings import ProviderSettings
from servicekit.service_client import ServiceClient, TokenSource
from servicekit.settings import Auth, Client, Database

ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
SAMPLE_PERSON = "person-0003"  # The development issuer knows them by the demo's file.


async def test_a_persona_gets_a_token_that_every_service_verifies(platform: Platform) -> None:
    answer = await platform.ask_for_a_token(await platform.persona("manager"))
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert body == {
        "access_token": body["access_token"],
        "issued_token_type": ACCESS_TOKEN,
        "token_type": "Bearer",
        "expires_in": 600,
    }
    who = await platform.principal(body["access_token"])
    assert who.issuer == platform.url
    assert who.subject != "manager"
    assert [(one.role, one.unit) for one in who.assignments] == [("manager", "rehabenheten")]


async def test_a_token_has_every_claim_that_rfc_9068_requires(platform: Platform) -> None:
    token = await platform.exchange(await platform.persona("manager"))
    header, claims, _ = (urlsafe_b64decode(part + "==") for part in token.split("."))
    assert json.loads(header)["typ"] == "at+jwt"
    required = {"iss", "exp", "aud", "sub", "client_id", "iat", "jti"}
    assert required <= json.loads(claims).keys()


async def test_the_issuers_metadata_leads_to_its_keys_and_its_token_endpoint(
    platform: Platform,
) -> None:
    await platform.exchange(await platform.persona("manager"))
    async with httpx.AsyncClient() as client:
        url = f"{platform.url}/.well-known/openid-configuration"
        metadata = (await client.get(url)).json()
        keys = (await client.get(metadata["jwks_uri"])).json()["keys"]
    assert metadata["issuer"] == platform.url
    assert metadata["token_endpoint"] == f"{platform.url}/token"
    assert [(key["kty"], key["alg"], key["use"]) for key in keys] == [("RSA", "RS256", "sig")]
    assert not {"d", "p", "q", "dp", "dq", "qi"} & keys[0].keys()


async def test_a_person_of_the_file_holds_what_the_file_says_today(platform: Platform) -> None:
    theirs = await platform.persona(f"person:{SAMPLE_PERSON}")
    assert "No role that holds today" in await platform.refusal(theirs)
    rows = [
        person_row(3, "manager", "nora").replace("p-0003", SAMPLE_PERSON),
        person_row(3, "employee", "parent").replace("p-0003", SAMPLE_PERSON),
    ]
    await platform.import_as_administrator(*rows)
    who = await platform.principal(await platform.exchange(theirs))
    held = {(one.role, one.unit) for one in who.assignments}
    assert held == {("manager", "nora"), ("employee", "parent")}
    again = await platform.principal(await platform.exchange(theirs))
    assert again.subject == who.subject
    bearer = {"authorization": f"Bearer {await platform.exchange(theirs)}"}
    listed = await platform.service.client.get("/persons", headers=bearer)
    assert (listed.status_code, listed.json()["code"]) == (403, "role-missing")


async def test_a_person_whose_assignment_has_ended_gets_no_token(platform: Platform) -> None:
    theirs = await platform.persona(f"person:{SAMPLE_PERSON}")
    long_ago = date.today() - timedelta(days=40)  # noqa: DTZ011 - any day that is over
    row = person_row(3, "deputy").replace("p-0003", SAMPLE_PERSON)
    bearer = await platform.exchange(await platform.persona("administrator"))
    answer = await platform.service.client.post(
        "/persons/import",
        content=f"{HEADER},valid_to\n{row},{long_ago}",
        headers={
            "authorization": f"Bearer {bearer}",
            "content-type": "text/csv",
            "idempotency-key": "k",
        },
    )
    assert answer.status_code == 200, answer.text
    assert f"It ended on {long_ago}" in await platform.refusal(theirs)


async def test_a_service_exchanges_its_own_token_and_asks_for_recipients(
    platform: Platform, servers: Stack
) -> None:
    await platform.import_as_administrator(person_row(1, "administrator", ""))
    secret = load_secrets(Layout(servers.directory))["client:notification-service"]
    client = Client(client_id="notification-service", client_secret=secret, issuer=platform.local)
    tokens = TokenSource(Auth(issuer=platform.url), client)
    people = ServiceClient(platform.url, tokens)
    try:
        found = await people.get("/recipients", audience="administrators")
        assert found == {"person_ids": ["p-0001"]}
    finally:
        await people.close()
        await tokens.close()


async def test_a_token_of_the_stack_helper_opens_the_api(platform: Platform) -> None:
    theirs = await platform.persona("administrator")
    bearer = await asyncio.to_thread(platform_token, platform.url, theirs)
    headers = {"authorization": f"Bearer {bearer}"}
    assert (await platform.service.client.get("/persons", headers=headers)).status_code == 200
    with pytest.raises(StackError, match="not a signed JWT"):
        await asyncio.to_thread(platform_token, platform.url, "rubbish")


async def test_an_id_token_is_exchanged_where_the_provider_may_send_one(
    platform: Platform,
) -> None:
    """`region` is trusted for access tokens only."""
    await platform.exchange(platform.region.token())
    await platform.exchange(platform.region.token({"typ": "application/AT+JWT"}))
    assert "typ is 'jwt'" in await platform.refusal(platform.region.token({"typ": "JWT"}))


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:saml2"}, "invalid_request"),
        ({"subject_token": ""}, "invalid_request"),
        ({"subject_token": "x" * 20_001}, "invalid_request"),
    ],
)
async def test_a_request_that_is_no_exchange_is_refused(
    platform: Platform, form: dict[str, str], error: str
) -> None:
    answer = await platform.ask_for_a_token(**{"subject_token": platform.region.token(), **form})
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "request_",
    [{"data": {"subject_token": "x"}}, {"json": {"grant_type": GRANT}}, {}],
    ids=["no grant_type", "JSON", "nothing"],
)
async def test_a_request_without_a_form_is_refused_as_oauth_says(
    platform: Platform, request_: dict[str, Any]
) -> None:
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{platform.url}/token", **request_)
    assert (answer.status_code, answer.json().get("error")) == (400, "invalid_request")


_GIVEN = {"grant_type": GRANT, "subject_token": "x"}


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        ({"content": urlencode([*_GIVEN.items(), ("audience", ""), ("audience", "")])}, "audience"),
        ({"content": urlencode([*_GIVEN.items(), *_GIVEN.items()])}, "grant_type, subject_token"),
        ({"data": {"grant_type": GRANT}, "files": {"subject_token": b"x"}}, "as text"),
        ({"data": _GIVEN, "files": {"other": b"x"}}, "as text"),
        ({"content": b"--x", "headers": {"content-type": "multipart/form-data"}}, "cannot be read"),
    ],
)
async def test_a_parameter_is_given_once_and_as_text(
    platform: Platform, request_: dict[str, Any], why: str
) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"} if "content" in request_ else {}
    request_["headers"] = form | request_.get("headers", {})
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{platform.url}/token", **request_)
    assert (answer.status_code, answer.json().get("error")) == (400, "invalid_request")
    assert why in answer.json()["error_description"]


async def test_a_provider_that_is_away_is_asked_again_later(
    servers: Stack, database: Database, tmp_path: Path
) -> None:
    away = OwnIssuer("http://127.0.0.1:9")
    provider = ProviderSettings(name="away", issuer=away.url, audiences=["um-platform"])
    settings = people_settings(servers, database, tmp_path, providers=[provider])
    async with serving(lambda _: settings) as service, httpx.AsyncClient() as client:
        form = {"grant_type": GRANT, "subject_token": away.token()}
        answer = await client.post(f"{service.url}/token", data=form)
    assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")
    assert answer.headers["retry-after"] == "5"


async def test_a_refusal_is_counted_by_its_code(platform: Platform) -> None:
    def counted() -> float:
        return REGISTRY.get_sample_value("token_refusals_total", {"reason": "invalid_grant"}) or 0

    before = counted()
    await platform.exchange(await platform.persona("manager"))
    assert counted() == before
    await platform.refusal("garbage")
    assert counted() == before + 1


async def test_a_token_is_exchanged_again_until_it_ends(platform: Platform) -> None:
    """Clients do so every ten minutes; each time the assignments of today are looked up."""
    theirs = platform.region.token()
    first, second = [await platform.exchange(theirs) for _ in range(2)]
    assert first != second
    assert (await platform.principal(first)) == (await platform.principal(second))


async def test_what_is_logged_and_answered_has_no_token_in_it(
    platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    expired = platform.region.token(exp=1, secret_claim="Exempelperson")
    said = await platform.refusal(expired)
    logged = json.dumps([record.getMessage() for record in caplog.records])
    assert "token refused: The token has expired" in logged
    for part in (*expired.split("."), "Exempelperson"):
        assert part not in logged + said


async def imported(platform: Platform, bearer: str, *rows: str, **query: bool) -> httpx.Response:
    return await platform.service.client.post(
        "/persons/import",
        content="\n".join([HEADER, *rows]).encode(),
        params=query,
        headers={
            "authorization": f"Bearer {bearer}",
            "content-type": "text/csv",
            "idempotency-key": str(uuid4()),
        },
    )


async def roles_of(platform: Platform, token: str) -> set[str]:
    who = await platform.principal(await platform.exchange(token))
    return {one.role for one in who.assignments}


async def test_an_administrator_cannot_give_themselves_a_role_by_a_file(platform: Platform) -> None:
    own = platform.region.token(employee="p-0001", sub="one")
    await platform.import_as_administrator(person_row(1), person_row(2))
    gift = person_row(1, "approver", "")
    bearer = await platform.exchange(own)
    for dry_run in (True, False):
        answer = await imported(platform, bearer, person_row(1), gift, dry_run=dry_run)
        assert (answer.status_code, answer.json()["code"]) == (403, "own-region-role")
    assert await roles_of(platform, own) == {"administrator", "employee"}
    other = await platform.exchange(platform.region.token(employee="p-0002", sub="two"))
    answer = await imported(platform, other, person_row(1), gift)
    assert answer.json()["region_roles"] == [
        {"person_id": "p-0001", "role": "approver", "kind": "given"}
    ]
    assert await roles_of(platform, own) == {"administrator", "employee", "approver"}


async def test_an_administrator_whom_nobody_knows_gains_nothing_by_importing_themselves(
    platform: Platform,
) -> None:
    own = platform.region.token(employee="p-0001", sub="one")
    rows = [person_row(1), person_row(1, "approver", ""), person_row(2, "auditor", "")]
    rows.append(person_row(3))
    bearer = await platform.exchange(own)
    assert (await imported(platform, bearer, *rows)).status_code == 200
    assert await roles_of(platform, own) == {"administrator", "employee"}
    auditor = platform.region.token(employee="p-0002", sub="two", groups=[])
    assert "Who gave it was not known" in await platform.refusal(auditor)
    unknown = await platform.exchange(await platform.persona("administrator"))
    assert (await imported(platform, unknown, *rows)).json()["region_roles"] == []
    other = await platform.exchange(platform.region.token(employee="p-0003", sub="three"))
    confirmed = {"role": "approver", "person_id": "p-0001", "kind": "confirmed"}
    for dry_run in (True, False):
        answer = await imported(platform, other, *rows, dry_run=dry_run)
        assert confirmed in answer.json()["region_roles"]
    assert await roles_of(platform, own) == {"administrator", "employee", "approver"}
    assert await roles_of(platform, auditor) == {"auditor"}
