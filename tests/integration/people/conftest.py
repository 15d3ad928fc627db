"""A migrated database per test, and the service on it, which answers on a real port."""

import hashlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from devstack import Stack
from integration.people import issuers
from integration.people.issuers import OwnIssuer
from integration.people.platform import Platform
from integration.people.scim import TOKEN
from integration.people.service import Service, people_settings, serving
from people_service.adapters.unit_of_work import PeopleUnitOfWork
from people_service.settings import ProviderSettings, Scim
from servicekit.settings import Auth, Database
from support.databases import SERVICES


@pytest.fixture
def migrations_folder() -> Path:
    """Each test gets a database of the people service."""
    return SERVICES / "people" / "migrations"


@pytest.fixture
def uow(engine: AsyncEngine) -> Callable[[], PeopleUnitOfWork]:
    """Units of work on the test's own database."""
    return lambda: PeopleUnitOfWork(engine)


@pytest.fixture
async def service(servers: Stack, database: Database, tmp_path: Path) -> AsyncIterator[Service]:
    """The service with plain settings."""
    async with serving(lambda _: people_settings(servers, database, tmp_path)) as service:
        yield service


@pytest.fixture(scope="session")
async def region() -> AsyncIterator[OwnIssuer]:
    async with issuers.running() as issuer:
        yield issuer


@pytest.fixture(scope="session")
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
        group_claims=["groups"],
        group_roles={"admins": "administrator"},
        roles_without_person=["administrator"],
    )
    more = {"providers": [*plain.providers, trusted]}
    async with serving(
        lambda url: plain.model_copy(update={"auth": Auth(issuer=url), **more})
    ) as service:
        yield Platform(service, servers.env["ISSUER_URL"], region, stranger)


@pytest.fixture
async def two_providers(
    servers: Stack, database: Database, tmp_path: Path, region: OwnIssuer, stranger: OwnIssuer
) -> AsyncIterator[Platform]:
    """Two providers that give ids of persons, and SCIM."""
    plain = people_settings(servers, database, tmp_path / "keys")
    two = [
        ProviderSettings(
            name=name,
            issuer=issuer.url,
            audiences=["um-platform"],
            token_types=["at+jwt"],
            person_claim="employee",
        )
        for name, issuer in (("region", region), ("second", stranger))
    ]
    scim = Scim(
        enabled=True, token_sha256=[hashlib.sha256(TOKEN.encode()).hexdigest()], roles=["manager"]
    )
    more = {"providers": [*plain.providers, *two], "scim": scim}
    async with serving(
        lambda url: plain.model_copy(update={"auth": Auth(issuer=url), **more})
    ) as service:
        yield Platform(service, servers.env["ISSUER_URL"], region, stranger)
