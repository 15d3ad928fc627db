"""Builds the service from its settings; the only module that knows every class."""

from collections.abc import Sequence
from datetime import timedelta
from functools import cached_property

from fastapi import FastAPI

from people_service.adapters.import_progress import SqlImportProgress
from people_service.adapters.outbound import SOURCE
from people_service.adapters.provider_tokens import TrustedProviders
from people_service.adapters.signing_keys import FolderSigningKeys
from people_service.adapters.unit_of_work import PeopleUnitOfWork
from people_service.application import redeeming
from people_service.application.delegating import announce_ends
from people_service.application.exchange import Grant, TokenRules, grant_of
from people_service.application.management import announce_managers
from people_service.application.person_import import announce_joiners
from people_service.domain.errors import DomainError
from people_service.domain.guessing import WINDOW, Limits
from people_service.domain.identity_provider import Provider, read
from people_service.domain.scim import GroupRole, ScimRules
from people_service.entrypoints import events, round_events
from people_service.entrypoints.http import (
    by_hand,
    delegations,
    erasures,
    identities,
    persons,
    recipients,
    sign_in_codes,
    token,
)
from people_service.entrypoints.scim import PREFIX as SCIM_PREFIX
from people_service.settings import ProviderSettings, Scim, Settings
from servicekit.api_info import VERSION_PATH
from servicekit.auth import Authenticator
from servicekit.consumer import Consumer
from servicekit.db import create_engine
from servicekit.heartbeat import Heartbeat
from servicekit.http import HttpServer, create_api, create_health_api
from servicekit.lag import Lag
from servicekit.maintenance import audit_trail, maintenance
from servicekit.relay import Relay
from servicekit.runtime import Component, Every

_ROTATION_SECONDS = 3600
_ANNOUNCEMENT_SECONDS = 30
_CONSUMER_GROUPS = (*events.CONSUMER_GROUPS, *round_events.CONSUMER_GROUPS)


class _NothingStored(Exception):
    """Ends a transaction without a commit."""


class People:
    """The application object. Nothing connects before a component runs or a request arrives."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._engine = create_engine(settings.db)
        providers = [_provider(one) for one in settings.providers]
        self._issuers_of_ids = [one.issuer for one in providers if one.person_claim == "sub"]
        self.providers = TrustedProviders(providers, settings.tokens.leeway_seconds)
        self.signer = FolderSigningKeys(settings.tokens.keys_directory)
        self.token_rules = TokenRules(
            issuer=settings.auth.issuer,
            audience=settings.auth.audience,
            lifetime=timedelta(seconds=settings.tokens.lifetime_seconds),
        )

        codes = settings.sign_in_codes
        self.portal_url = codes.portal_url.rstrip("/")
        self.code_limits = Limits(codes.failures_per_address, codes.failures_in_all)

    def uow(self) -> PeopleUnitOfWork:
        return PeopleUnitOfWork(self._engine, self._issuers_of_ids)

    def import_progress(self, caller: str, key: str) -> SqlImportProgress:
        return SqlImportProgress(self._engine, caller, key)

    def components(self, roles: Sequence[str]) -> list[Component]:
        """What a process with these roles runs."""
        api = self.api() if "api" in roles else create_health_api(self._engine)
        components: list[Component] = [HttpServer(api, self._settings.http)]
        lag = None
        if "worker" in roles:
            consumer = Consumer(self._settings.kafka, self.uow, _CONSUMER_GROUPS)
            lag = Lag(self._settings.kafka, consumer.progress)
            components += [
                consumer,
                Relay(self._settings.db.dsn.get_secret_value(), self._settings.kafka),
                maintenance(self._engine),
                audit_trail(self._engine, "people", SOURCE, self._settings.audit),
                Every(_ROTATION_SECONDS, self._rotate, "signing-keys"),
                Every(_ANNOUNCEMENT_SECONDS, self._announce_joiners, "joiners"),
                Every(_ANNOUNCEMENT_SECONDS, self._announce_managers, "unit-managers"),
                Every(_ANNOUNCEMENT_SECONDS, self._announce_ends, "delegations"),
                Every(WINDOW.total_seconds(), self._forget_failures, "failed-attempts"),
            ]
        return [*components, Heartbeat(self._engine, "people", roles, lag=lag)]

    def api(self) -> FastAPI:
        """The HTTP API."""
        api = create_api(
            title="People",
            description="Who somebody is, for which units and until when; the platform's tokens.",
            routers=[
                persons.router,
                by_hand.router,
                identities.router,
                delegations.router,
                erasures.router,
                recipients.router,
                sign_in_codes.router,
            ],
            unversioned=[token.router],
            engine=self._engine,
            authenticator=self._authenticator,
            app=self,
            limits=self._settings.http.limits,
            audit=self._settings.audit,
            kafka=self._settings.kafka,
            refusals=DomainError,
            untraced=_names_a_person,
        )
        if (scim := self._settings.scim).enabled:
            # Not needed by most, and its models take half of a process's start.
            from people_service.entrypoints.scim.routes import scim_router

            api.include_router(
                scim_router(_scim_rules(scim), scim.token_sha256, self._settings.auth.issuer)
            )
        return api

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

    async def _announce_managers(self) -> None:
        async with self.uow() as uow:
            await announce_managers(uow)

    async def _announce_ends(self) -> None:
        async with self.uow() as uow:
            await announce_ends(uow)

    async def _rotate(self) -> None:
        self.signer.rotate()

    async def _announce_joiners(self) -> None:
        async with self.uow() as uow:
            await announce_joiners(uow)

    async def _forget_failures(self) -> None:
        async with self.uow() as uow:
            await redeeming.forget_failures(uow)

    @cached_property
    def _authenticator(self) -> Authenticator:
        return Authenticator(self._settings.auth)


def _names_a_person(path: str) -> bool:
    """Traces keep the paths of requests."""
    return path.startswith((SCIM_PREFIX, f"{VERSION_PATH}/persons/")) and not path.endswith(
        "/persons/import"
    )


def _provider(settings: ProviderSettings) -> Provider:
    return Provider(
        name=settings.name,
        issuer=settings.issuer,
        token_issuers=frozenset(settings.token_issuers),
        audiences=frozenset(settings.audiences),
        token_types=frozenset(one.lower() for one in settings.token_types),
        person_claim=None if settings.hsa_claim else settings.person_claim,
        hsa_claim=settings.hsa_claim,
        group_claims=tuple(settings.group_claims),
        group_roles=settings.group_roles,
        roles_without_person=frozenset(settings.roles_without_person),
        client_roles=settings.client_roles,
        email_claim=settings.email_claim,
        email_verified_claim=settings.email_verified_claim,
        assignments_claim=settings.assignments_claim,
    )


def _scim_rules(settings: Scim) -> ScimRules:
    return ScimRules(
        person_id=settings.person_id,
        unit=None if settings.unit == "none" else settings.unit,
        roles=frozenset(settings.roles),
        group_roles={
            group: GroupRole(given.role, given.unit)
            for group, given in settings.group_roles.items()
        },
    )


def build(settings: Settings) -> People:
    """The service, wired."""
    return People(settings)
