"""Signing in and out in a browser at a real Keycloak, set up as the how-to says. It starts slowly:

KEYCLOAK=1 make test ARGS=tests/integration/portal/test_keycloak.py
"""

import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from playwright.async_api import Browser, expect

from devstack import Stack
from e2e.portal.visitor import Visitors
from integration.people.foreign import keycloak
from integration.people.foreign.keycloak import PASSWORD
from integration.people.issuers import OwnIssuer
from integration.people.platform import Platform
from integration.people.service import people_settings, person_row, serving
from people_service.settings import ProviderSettings
from portal_service.bootstrap import build
from portal_service.settings import Settings, SignIn
from servicekit.settings import Auth, Database, Http, Kafka, Peer
from support.apps import unique
from support.databases import SERVICES, Templates, create_database, drop_database
from support.listening import listening

pytestmark = [
    pytest.mark.skipif(os.environ.get("KEYCLOAK") != "1", reason="KEYCLOAK=1 runs it"),
    pytest.mark.timeout(1200),
]


@pytest.fixture
async def of_people(postgres: str, templates: Templates) -> AsyncIterator[Database]:
    """A migrated database of the people service."""
    name, template = unique("test_"), await templates.name(SERVICES / "people" / "migrations")
    yield await create_database(postgres, name, template=template)
    await drop_database(postgres, name)


@pytest.fixture
async def visitors(
    servers: Stack, database: Database, of_people: Database, browser: Browser, tmp_path: Path
) -> AsyncIterator[Visitors]:
    """People in front of a portal where one signs in at Keycloak."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with keycloak.running(tmp_path / "log", f"{url}/sign-in/answer") as realm:
        plain = people_settings(servers, of_people, tmp_path / "keys")
        provider = ProviderSettings(
            name="keycloak",
            issuer=realm,
            audiences=["um-platform"],
            person_claim="employee_number",
            group_claims=["realm_access.roles"],
            group_roles={"um-administrator": "administrator"},
        )
        trusted = {"providers": [*plain.providers, provider]}
        async with serving(
            lambda own: plain.model_copy(update={"auth": Auth(issuer=own), **trusted})
        ) as people:
            local = OwnIssuer(servers.env["ISSUER_URL"])
            platform = Platform(people, servers.env["ISSUER_URL"], local, local)
            await platform.import_as_administrator(person_row(1, "manager"))
            away = Peer(url="http://127.0.0.1:1")
            portal = build(
                Settings.model_validate(
                    {
                        "environment": "test",
                        "http": Http(port=1),
                        "db": database,
                        "auth": Auth(issuer=people.url),
                        "kafka": Kafka(bootstrap_servers=servers.env["KAFKA_BOOTSTRAP_SERVERS"]),
                        "public_url": url,
                        "sign_in": SignIn(issuer=realm),
                        "sessions": {"keys": [Fernet.generate_key().decode()]},
                        "people": Peer(url=people.url),
                        **dict.fromkeys(("assessment", "content", "notification"), away),
                        "workflow": away,
                    }
                )
            )
            async with listening(portal.api(), listener), Visitors(browser, url) as found:
                yield found
            await portal.close()


async def test_one_signs_in_and_out_at_keycloak(visitors: Visitors) -> None:
    page = await visitors.somebody()
    await page.goto("/start")
    await page.get_by_label("Username or email").fill("person0001")
    await page.locator("#password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign In").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Hej, Exempelperson 0001")
    await expect(page.get_by_text("administratör")).to_be_visible()
    await page.get_by_role("button", name="Logga ut").click()
    await expect(page.get_by_role("link", name="Logga in").first).to_be_visible()
    await page.goto("/start")
    await expect(page.locator("#password")).to_be_visible()  # Keycloak has ended its session too.
