"""Builds the service from its settings; the only module that knows every class."""

from collections.abc import Sequence
from datetime import timedelta
from functools import cached_property

from fastapi import FastAPI

from people_service.adapters.provider_tokens import TrustedProviders
from people_service.adapters.signing_keys import FolderSigningKeys
from people_service.adapters.unit_of_work import PeopleUnitOfWork
from people_service.application.exchange import Grant, TokenRules, grant_of
from people_service.domain.errors import DomainError
from people_service.domain.identity_provider import Provider, read
from people_service.entrypoints import events
from people_service.entrypoints.http import persons, recipients, token
from people_service.settings import ProviderSettings, Settings
from servicekit.auth import Authenticator
from servicekit.consumer import Consumer
from servicekit.db import create_engine
from servicekit.http import HttpServer, create_api, create_health_api
from servicekit.maintenance import maintenance
from servicekit.relay import Relay
from servicekit.runtime import Component, Every

_ROTATION_SECONDS = 3600


class _NothingStored(Exception):
    """Ends a transaction without a commit."""


class People:
    """The application object. Nothing connects before a component runs or a request arrives."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._engine = create_engine(settings.db)
        self.providers = TrustedProviders(
            [_provider(one) for one in settings.providers], settings.tokens.leeway_seconds
        )
        self.signer = FolderSigningKeys(settings.tokens.keys_directory)
        self.token_rules = TokenRules(
            issuer=settings.auth.issuer,
            audience=settings.auth.audience,
            lifetime=timedelta(seconds=settings.tokens.lifetime_seconds),
        )

    def uow(self) -> PeopleUnitOfWork:
        return PeopleUnitOfWork(self._engine)

    def components(self, roles: Sequence[str]) -> list[Component]:
        """What a process with these roles runs."""
        api = self.api() if "api" in roles else create_health_api(self._engine)
        components: list[Component] = [HttpServer(api, self._settings.http)]
        if "worker" in roles:
            components += [
                Consumer(self._settings.kafka, self.uow, events.CONSUMER_GROUPS),
                Relay(self._settings.db.dsn.get_secret_value(), self._settings.kafka),
                maintenance(self._engine),
                Every(_ROTATION_SECONDS, self._rotate, "signing-keys"),
            ]
        return components

    def api(self) -> FastAPI:
        """The HTTP API."""
        return create_api(
            title="People",
            description="Who somebody is, for which units and until when; the platform's tokens.",
            routers=[persons.router, recipients.router],
            unversioned=[token.router],
            engine=self._engine,
            authenticator=self._authenticator,
            app=self,
            refusals=DomainError,
        )

    async def explain(self, token: str) -> Grant:
        """What a token would be exchanged for, and why. Stores nothing.

        Raises TokenRefused or ProviderUnavailable.
        """
        identity = read(*await self.providers.verified(token))
        try:
            async with self.uow() as uow:
                grant = await grant_of(identity, uow)
                raise _NothingStored
        except _NothingStored:
            return grant

    async def close(self) -> None:
        if "_authenticator" in vars(self):
            await self._authenticator.close()
        await self.providers.close()
        await self._engine.dispose()

    async def _rotate(self) -> None:
        self.signer.rotate()

    @cached_property
    def _authenticator(self) -> Authenticator:
        return Authenticator(self._settings.auth)


def _provider(settings: ProviderSettings) -> Provider:
    return Provider(
        name=settings.name,
        issuer=settings.issuer,
        audiences=frozenset(settings.audiences),
        token_types=frozenset(one.lower() for one in settings.token_types),
        person_claim=settings.person_claim,
        group_claims=tuple(settings.group_claims),
        group_roles=settings.group_roles,
        client_roles=settings.client_roles,
        email_claim=settings.email_claim,
        assignments_claim=settings.assignments_claim,
    )


def build(settings: Settings) -> People:
    """The service, wired."""
    return People(settings)
