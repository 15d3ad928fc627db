"""Tokens end to end: an identity provider's in, the platform's out, and a service that takes it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from devstack import Stack, StackError
from devstack.credentials import load_secrets
from devstack.options import Layout
from devstack.tokens import platform_token
from integration.people import issuers
from integration.people.issuers import OwnIssuer
from integration.people.service import (
    HEADER,
    Service,
    people_settings,
    person_row,
    serving,
    token_of,
)
from people_service.settings import ProviderSettings
from servicekit.auth import Assignment, Authenticator, Principal
from servicekit.problems import ProblemError
from servicekit.service_client import ServiceClient, TokenSource
from servicekit.settings import Auth, Client, Database

GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
SAMPLE_PERSON = "person-0003"  # The development issuer knows them by the demo's file.


@dataclass
class Platform:
    """A people service that trusts its own tokens only, and exchanges those of two providers.

    `local` is the development issuer, `region` and `stranger` are issuers of the tests' own.
    """

    service: Service
    local: str
    region: OwnIssuer
    stranger: OwnIssuer

    @property
    def url(self) -> str:
        return self.service.url

    async def ask_for_a_token(self, subject_token: str, **form: str) -> httpx.Response:
        async with httpx.AsyncClient(timeout=30) as client:
            return await client.post(
                f"{self.url}/token",
                data={"grant_type": GRANT, "subject_token": subject_token, **form},
            )

    async def exchange(self, subject_token: str) -> str:
        answer = await self.ask_for_a_token(subject_token)
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["access_token"]
        return token

    async def refusal(self, subject_token: str) -> str:
        """Why the token is not exchanged."""
        answer = await self.ask_for_a_token(subject_token)
        assert answer.status_code == 400, answer.text
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["cache-control"] == "no-store"
        assert set(answer.json()) == {"error", "error_description"}
        assert answer.json()["error"] == "invalid_grant"
        return str(answer.json()["error_description"])

    async def principal(self, platform_token: str) -> Principal:
        """Who another service takes the holder for."""
        authenticator = Authenticator(Auth(issuer=self.url))
        try:
            return await authenticator.authenticate(platform_token)
        finally:
            await authenticator.close()

    async def persona(self, name: str) -> str:
        return await asyncio.to_thread(token_of, self.local, name)

    async def import_as_administrator(self, *rows: str) -> None:
        bearer = await self.exchange(await self.persona("administrator"))
        answer = await self.service.client.post(
            "/persons/import",
            content="\n".join([HEADER, *rows]).encode(),
            headers={
                "authorization": f"Bearer {bearer}",
                "content-type": "text/csv",
                "idempotency-key": str(time.monotonic()),
            },
        )
        assert answer.status_code == 200, answer.text


@pytest.fixture(scope="module")
async def region() -> AsyncIterator[OwnIssuer]:
    async with issuers.running() as issuer:
        yield issuer


@pytest.fixture(scope="module")
async def stranger() -> AsyncIterator[OwnIssuer]:
    async with issuers.running() as issuer:
        yield issuer


@pytest.fixture
async def platform(
    servers: Stack, database: Database, tmp_path: Path, region: OwnIssuer, stranger: OwnIssuer
) -> AsyncIterator[Platform]:
    plain = people_settings(servers, database, tmp_path / "keys")
    trusted = ProviderSettings(
        name="region",
        issuer=region.url,
        audiences=["um-platform"],
        token_types=["at+jwt"],
        person_claim="employee",
        group_roles={"admins": "administrator"},
    )
    more = {"providers": [*plain.providers, trusted]}
    async with serving(
        lambda url: plain.model_copy(update={"auth": Auth(issuer=url), **more})
    ) as service:
        yield Platform(service, servers.env["ISSUER_URL"], region, stranger)


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


async def test_groups_are_a_providers_own(platform: Platform) -> None:
    who = await platform.principal(await platform.exchange(platform.region.token()))
    assert who.has("administrator")
    vouched = [{"role": "approver", "unit": "*"}]
    more = platform.region.token(sample_assignments=vouched, assignments=vouched)
    who = await platform.principal(await platform.exchange(more))
    assert {one.role for one in who.assignments} == {"administrator"}
    none = platform.region.token(groups=["others"], client_id="notification-service")
    assert "No role" in await platform.refusal(none)


async def test_the_same_subject_at_two_providers_is_two_accounts(platform: Platform) -> None:
    """Whoever can choose their subject at one provider becomes nobody of another one."""
    confused = platform.region.token(sub="administrator")
    ours = await platform.principal(await platform.exchange(confused))
    theirs = await platform.principal(
        await platform.exchange(await platform.persona("administrator"))
    )
    assert ours.subject != theirs.subject


async def test_a_subject_that_is_an_id_elsewhere_names_no_person(platform: Platform) -> None:
    await platform.import_as_administrator(person_row(1, "manager"), person_row(2))
    assert "No role" in await platform.refusal(platform.region.token(sub="p-0001", groups=[]))
    named = platform.region.token(sub="p-0001", groups=[], employee="p-0002")
    who = await platform.principal(await platform.exchange(named))
    assert who.assignments == frozenset({Assignment("employee", "rehab")})
    other = platform.region.token(sub="p-0001", groups=[], employee="p-0001")
    assert "belongs to another person" in await platform.refusal(other)
    second = platform.region.token(sub="p-0002", groups=[], employee="p-0002")
    assert "has another identity" in await platform.refusal(second)


async def test_a_person_has_one_account_at_all_providers(platform: Platform) -> None:
    row = person_row(3, "manager").replace("p-0003", SAMPLE_PERSON)
    await platform.import_as_administrator(row)
    local = await platform.exchange(await platform.persona(f"person:{SAMPLE_PERSON}"))
    region = await platform.exchange(platform.region.token(employee=SAMPLE_PERSON, groups=[]))
    subjects = {(await platform.principal(token)).subject for token in (local, region)}
    assert len(subjects) == 1


async def test_many_first_exchanges_at_once_make_one_account(platform: Platform) -> None:
    tokens = await asyncio.gather(*(platform.exchange(platform.region.token()) for _ in range(10)))
    assert len({(await platform.principal(token)).subject for token in tokens}) == 1


Attack = Callable[[Platform], str]
_LATER = 3600
NESTED = "W1tb" * 4_000  # [[[...
FOREIGN: dict[str, tuple[Attack, str]] = {
    "garbage": (lambda _: "garbage", "not a signed JWT"),
    "three parts of garbage": (lambda _: "a.b.c", "not a signed JWT"),
    "no text at all": (lambda _: "\x00.\x00.\x00", "not a signed JWT"),
    "claims that are a list": (lambda _: "e30.W10.e30", "not a signed JWT"),
    "claims that are deeply nested": (lambda _: f"e30.{NESTED}.e30", "not a signed JWT"),
    "a header that is deeply nested": (
        lambda p: f"{NESTED}.{p.region.token().partition('.')[2]}",
        "not a token that region has signed",
    ),
    "five parts": (lambda p: f"{p.region.token()}.a.b", "not a signed JWT"),
    "an issuer that nobody trusts": (lambda p: p.stranger.token(), "is not trusted here"),
    "no issuer": (lambda p: p.region.token(iss=None), "is not trusted here"),
    "an issuer that is a list": (lambda p: p.region.token(iss=[p.region.url]), "not trusted here"),
    "an issuer with a slash": (lambda p: p.region.token(iss=f"{p.region.url}/"), "not trusted"),
    "signed by a stranger for a trusted issuer": (
        lambda p: p.stranger.token(iss=p.region.url),
        "not a token that region has signed",
    ),
    "signed by a stranger under the trusted key's name": (
        lambda p: p.stranger.token({"kid": p.region.key.kid}, iss=p.region.url),
        "not a token that region has signed",
    ),
    "signed by one trusted issuer in another's name": (
        lambda p: p.region.token(iss=p.local),
        "not a token that local has signed",
    ),
    "signed by a key that the token brings along": (
        lambda p: p.stranger.token(
            {"kid": "own", "jwk": p.stranger.key.as_dict(private=False)}, iss=p.region.url
        ),
        "not a token that region has signed",
    ),
    "signed by a key that the token leads to": (
        lambda p: p.stranger.token({"jku": f"{p.stranger.url}/jwks"}, iss=p.region.url),
        "not a token that region has signed",
    ),
    "unsigned": (lambda p: p.region.unsigned(), "not a token that region has signed"),
    "unsigned with a signature": (
        lambda p: p.region.unsigned(p.region.token().rpartition(".")[2]),
        "not a token that region has signed",
    ),
    "signed with the public key as a secret": (
        lambda p: p.region.signed_with_the_public_key(p.region.key.kid),
        "not a token that region has signed",
    ),
    "signed with the public key as a secret without a name": (
        lambda p: p.region.signed_with_the_public_key(None),
        "not a token that region has signed",
    ),
    "a critical header that nobody knows": (
        lambda p: p.region.token({"crit": ["exotic"], "exotic": 1}),
        "not a token that region has signed",
    ),
    "claims of another token": (
        lambda p: _with_claims_of(p.region.token(), p.region.token(groups=["admins", "x"])),
        "not a token that region has signed",
    ),
    "expired": (lambda p: p.region.token(exp=int(time.time()) - _LATER), "has expired"),
    "without an end": (lambda p: p.region.token(exp=None), "claim exp is missing or not valid"),
    "an end that is no number": (lambda p: p.region.token(exp="later"), "claim exp"),
    "not valid yet": (lambda p: p.region.token(nbf=int(time.time()) + _LATER), "claim nbf"),
    "made in the future": (lambda p: p.region.token(iat=int(time.time()) + _LATER), "claim iat"),
    "for somebody else": (lambda p: p.region.token(aud="portal"), "not for: um-platform"),
    "for nobody": (lambda p: p.region.token(aud=None), "not for: um-platform"),
    "about nobody": (lambda p: p.region.token(sub=None), "claim sub"),
    "about an empty name": (lambda p: p.region.token(sub=""), "claim sub"),
    "about a number": (lambda p: p.region.token(sub=7), "claim sub"),
}


def _with_claims_of(token: str, other: str) -> str:
    header, _, signature = token.split(".")
    return f"{header}.{other.split('.')[1]}.{signature}"


@pytest.mark.parametrize("attack", FOREIGN)
async def test_a_token_that_is_not_right_is_refused(platform: Platform, attack: str) -> None:
    make, why = FOREIGN[attack]
    assert why in await platform.refusal(make(platform))


@pytest.mark.parametrize(
    "changes",
    [
        {"sub": "a\x00b"},
        {"sub": "\ud800"},
        {"sub": Random(1).randbytes(3_000).hex()},
        {"employee": "x" * 5_000},
        {"employee": "a\x00b"},
        {"employee": "\ud800"},
        {"groups": ["admins", "a\x00b", {"a": 1}, None]},
        {"groups": {"admins": True}},
        {"client_id": {"a": 1}},
    ],
    ids=lambda changes: ascii(changes)[:30],
)
async def test_an_odd_claim_of_a_trusted_provider_makes_nothing_fail(
    platform: Platform, changes: dict[str, Any]
) -> None:
    answer = await platform.ask_for_a_token(platform.region.token(**changes))
    assert answer.status_code in (200, 400), answer.text
    assert answer.is_success or answer.json()["error"] == "invalid_grant"


async def test_a_token_of_the_platform_is_not_exchanged_again(platform: Platform) -> None:
    """It would never end."""
    issued = await platform.exchange(await platform.persona("administrator"))
    assert "is not trusted here" in await platform.refusal(issued)


async def test_no_service_takes_what_the_platform_has_not_issued(platform: Platform) -> None:
    good = platform.region.claims(iss=platform.url, assignments=[{"role": "administrator"}])
    forged = OwnIssuer(platform.url)
    await platform.exchange(platform.region.token())
    tokens = {
        "a provider's": platform.region.token(),
        "a persona's": await platform.persona("administrator"),
        "of a key of the forger's own": forged.token(**good),
        "too deep to read": f"{NESTED}.{NESTED}.e30",
        "of the name of the platform's key": forged.token(
            {"kid": (await _keys(platform))[0]["kid"]}, **good
        ),
    }
    for kind, token in tokens.items():
        with pytest.raises(ProblemError) as refused:
            await platform.principal(token)
        assert refused.value.status == 401, kind
        answer = await platform.service.client.get(
            "/persons", headers={"authorization": f"Bearer {token}"}
        )
        assert answer.status_code == 401, kind


async def _keys(platform: Platform) -> list[dict[str, Any]]:
    async with httpx.AsyncClient() as client:
        keys: list[dict[str, Any]] = (await client.get(f"{platform.url}/jwks")).json()["keys"]
    return keys


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
