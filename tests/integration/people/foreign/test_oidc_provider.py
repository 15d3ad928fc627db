"""Somebody else's OpenID provider: sign in by code, exchange the token, and call a service."""

import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from devstack import Stack
from integration.people.foreign import node_provider
from integration.people.foreign.node_provider import CLIENT_SECRET
from integration.people.foreign.relying_party import RelyingParty
from integration.people.issuers import OwnIssuer
from integration.people.platform import Platform
from integration.people.service import people_settings, person_row, serving
from people_service.settings import ProviderSettings
from servicekit.auth import Assignment
from servicekit.settings import Auth, Database
from support.stack import unavailable


@pytest.fixture(scope="module")
async def provider(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    running = node_provider.running(tmp_path_factory.mktemp("provider") / "log")
    try:
        issuer = await running.__aenter__()
    except (OSError, subprocess.SubprocessError) as error:
        unavailable(f"the npm package oidc-provider cannot be had: {error}")
        raise
    yield issuer
    await running.__aexit__(None, None, None)


@pytest.fixture
async def platform(
    servers: Stack, database: Database, tmp_path: Path, region: OwnIssuer, provider: str
) -> AsyncIterator[Platform]:
    foreign = ProviderSettings(
        name="foreign",
        issuer=provider,
        audiences=["um-platform", "portal"],
        person_claim="employee",
        group_claims=["groups"],
        group_roles={"um-auditors": "auditor"},
        client_roles={"hr-system": "service"},
    )
    plain = people_settings(servers, database, tmp_path / "keys")
    settings = plain.model_copy(update={"providers": [*plain.providers, foreign]})
    async with serving(
        lambda url: settings.model_copy(update={"auth": Auth(issuer=url)})
    ) as service:
        platform = Platform(service, servers.env["ISSUER_URL"], region, region)
        await platform.import_as_administrator(person_row(1, "manager"))
        yield platform


async def test_who_signs_in_there_may_here_what_the_file_and_the_groups_say(
    platform: Platform, provider: str
) -> None:
    portal = RelyingParty(provider, "portal", scope="openid offline_access api")
    tokens = await portal.sign_in(login="p-0001", password="any")
    issued = await platform.exchange(tokens["access_token"])
    who = await platform.principal(issued)
    assert who.assignments == {
        Assignment("manager", "rehab", below=True),
        Assignment("auditor", "*", below=True),
    }
    headers = {"authorization": f"Bearer {issued}"}
    answer = await platform.service.client.get("/open-problems", headers=headers)
    assert answer.status_code == 200, answer.text
    by_id_token = await platform.exchange(tokens["id_token"])
    assert (await platform.principal(by_id_token)).subject == who.subject

    refreshed = await portal.ask_for_tokens(
        grant_type="refresh_token", refresh_token=tokens["refresh_token"]
    )
    again = await platform.exchange(refreshed.json()["access_token"])
    assert (await platform.principal(again)).subject == who.subject
    reused = await portal.ask_for_tokens(
        grant_type="refresh_token", refresh_token=tokens["refresh_token"]
    )
    assert reused.json()["error"] == "invalid_grant"


async def test_who_is_not_imported_gets_nothing_of_a_group(
    platform: Platform, provider: str
) -> None:
    portal = RelyingParty(provider, "portal", scope="openid api")
    tokens = await portal.sign_in(login="p-0099", password="any")
    assert "persons that are known here only" in await platform.refusal(tokens["access_token"])


async def test_a_code_is_worth_nothing_without_its_verifier(provider: str) -> None:
    portal = RelyingParty(provider, "portal")
    code = await portal.authorize(login="p-0001", password="any")
    portal.verifier = RelyingParty(provider, "portal").verifier
    with pytest.raises(AssertionError, match="invalid_grant"):
        await portal.redeem(code)


async def test_a_system_signs_in_by_its_client_credentials(
    platform: Platform, provider: str
) -> None:
    system = RelyingParty(provider, "hr-system", CLIENT_SECRET)
    tokens = (await system.ask_for_tokens(grant_type="client_credentials", scope="api")).json()
    who = await platform.principal(await platform.exchange(tokens["access_token"]))
    assert who.assignments == {Assignment("service", "*", below=True)}
