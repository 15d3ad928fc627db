"""A real Keycloak, set up as the how-to says. It is slow to start, so that it has to be asked for:

KEYCLOAK=1 make test ARGS=tests/integration/people/foreign/test_keycloak.py
"""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from devstack import Stack
from integration.people.foreign import keycloak
from integration.people.foreign.keycloak import PASSWORD, SECRET
from integration.people.foreign.relying_party import RelyingParty
from integration.people.issuers import OwnIssuer
from integration.people.platform import Platform
from integration.people.service import people_settings, person_row, serving
from people_service.application.exchange import Grant
from people_service.settings import ProviderSettings
from servicekit.auth import Assignment
from servicekit.settings import Auth, Database

pytestmark = [
    pytest.mark.skipif(os.environ.get("KEYCLOAK") != "1", reason="KEYCLOAK=1 runs it"),
    pytest.mark.timeout(1200),
]


@pytest.fixture(scope="module")
async def realm(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    async with keycloak.running(tmp_path_factory.mktemp("keycloak") / "log") as issuer:
        yield issuer


@pytest.fixture
async def platform(
    servers: Stack, database: Database, tmp_path: Path, region: OwnIssuer, realm: str
) -> AsyncIterator[Platform]:
    provider = ProviderSettings(
        name="keycloak",
        issuer=realm,
        audiences=["um-platform"],
        person_claim="employee_number",
        group_claims=["realm_access.roles"],
        group_roles={"um-administrator": "administrator"},
        client_roles={"hr-system": "service"},
    )
    plain = people_settings(servers, database, tmp_path / "keys")
    settings = plain.model_copy(update={"providers": [*plain.providers, provider]})
    async with serving(
        lambda url: settings.model_copy(update={"auth": Auth(issuer=url)})
    ) as service:
        platform = Platform(service, servers.env["ISSUER_URL"], region, region)
        await platform.import_as_administrator(person_row(1, "manager"))
        yield platform


async def test_who_signs_in_at_keycloak_may_what_the_file_and_the_realm_say(
    platform: Platform, realm: str
) -> None:
    portal = RelyingParty(realm, "portal", prompt="login")
    tokens = await portal.sign_in(username="person0001", password=PASSWORD)
    issued = await platform.exchange(tokens["access_token"])
    who = await platform.principal(issued)
    assert who.assignments == {
        Assignment("manager", "rehab", below=True),
        Assignment("administrator", "*", below=True),
    }
    headers = {"authorization": f"Bearer {issued}"}
    answer = await platform.service.client.get("/persons", headers=headers)
    assert answer.status_code == 200, answer.text

    grant: Grant = await platform.service.app.explain(tokens["access_token"])
    said = {line.what: line.outcome for line in grant.lines}
    assert said["group um-administrator"] == said["claim employee_number"] == "used"
    assert said["group offline_access"] == "ignored"
    assert "not for: um-platform" in await platform.refusal(tokens["id_token"])

    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    refreshed = await portal.ask_for_tokens(**form)
    again = await platform.exchange(refreshed.json()["access_token"])
    assert (await platform.principal(again)).subject == who.subject
    assert (await portal.ask_for_tokens(**form)).json()["error"] == "invalid_grant"


async def test_a_service_account_is_a_system(platform: Platform, realm: str) -> None:
    system = RelyingParty(realm, "hr-system", SECRET)
    tokens = (await system.ask_for_tokens(grant_type="client_credentials")).json()
    who = await platform.principal(await platform.exchange(tokens["access_token"]))
    assert who.assignments == {Assignment("service", "*", below=True)}


async def test_many_sign_in_for_the_first_time_at_once(platform: Platform, realm: str) -> None:
    portals = [RelyingParty(realm, "portal", prompt="login") for _ in range(3)]
    signed_in = [
        await portal.sign_in(username="person0001", password=PASSWORD) for portal in portals
    ]
    tokens = await asyncio.gather(*(platform.exchange(one["access_token"]) for one in signed_in))
    assert len({(await platform.principal(token)).subject for token in tokens}) == 1
